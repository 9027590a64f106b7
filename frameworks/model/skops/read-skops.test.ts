import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Problem } from '@hokku/kit/problem'
import fc from 'fast-check'
import { assembleModel, readColumns } from '../bundle/parts.ts'
import { checkAnswers } from '../bundle/self-check.ts'
import { readPickle as readBytes } from '../pickle/read-pickle.ts'
import { readSkops } from './read-skops.ts'
import { SUPPORTED } from '../estimators/registry.ts'

/** As the service reads files: with all estimators that it can compute. */
const readPickle = (file: Uint8Array) => readBytes(file, { estimators: SUPPORTED })

const FIXTURES = join(import.meta.dirname, '../fixtures/skops')
const BYTES_MAX = 100_000_000
const file = (...path: string[]): Uint8Array => readFileSync(join(FIXTURES, ...path))
const json = (...path: string[]): unknown => JSON.parse(Buffer.from(file(...path)).toString('utf8'))

for (const name of readdirSync(FIXTURES)) {
  test(`the skops file ${name} answers as scikit-learn does, to 1e-9`, () => {
    const pipeline = readSkops(file(name, 'pipeline.skops'), {
      bytesMax: BYTES_MAX,
      estimators: SUPPORTED,
    })
    const columns = readColumns(JSON.stringify(json(name, 'columns.json')))
    const model = assembleModel(pipeline, columns, readPickle(file(name, 'dtypes.pickle')))

    const result = checkAnswers(
      model,
      json(name, 'requests.json'),
      json(name, 'expected.json'),
      1e-9,
    )

    assert.equal(result.rows, 36)
    assert.deepEqual(result.mismatches, [])
  })
}

const codeOf = (work: () => unknown): string => {
  try {
    work()
    return 'no problem'
  } catch (error) {
    assert(error instanceof Problem, String(error))
    return error.code
  }
}

/** A zip of one stored member. */
function zipOf(name: string, content: string): Uint8Array {
  const [title, bytes] = [Buffer.from(name), Buffer.from(content)]
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50)
  header.writeUInt16LE(title.length, 26)
  const entry = Buffer.alloc(46)
  entry.writeUInt32LE(0x02014b50)
  entry.writeUInt32LE(bytes.length, 20)
  entry.writeUInt16LE(title.length, 28)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(30 + title.length + bytes.length, 16)
  return Buffer.concat([header, title, bytes, entry, title, end])
}

test('a skops file that names a foreign class or function is refused by its name', () => {
  for (const loader of ['ObjectNode', 'FunctionNode', 'TypeNode']) {
    const schema = { __class__: 'system', __module__: 'os', __loader__: loader, content: null }

    assert.throws(
      () =>
        readSkops(zipOf('schema.json', JSON.stringify(schema)), {
          bytesMax: BYTES_MAX,
          estimators: SUPPORTED,
        }),
      /system from os/,
    )
  }
})

test('unknown loaders, missing members and broken schemas are refused', () => {
  for (const schema of [
    '{"__loader__": "MethodNode"}',
    '{"__loader__": "constructor"}',
    '[]',
    '{',
    '{"__loader__": "NdArrayNode", "type": "numpy", "file": "../x"}',
  ]) {
    assert.equal(
      codeOf(() =>
        readSkops(zipOf('schema.json', schema), { bytesMax: BYTES_MAX, estimators: SUPPORTED }),
      ),
      'pickle_invalid',
      schema,
    )
  }
  assert.equal(
    codeOf(() =>
      readSkops(zipOf('other.json', '{}'), { bytesMax: BYTES_MAX, estimators: SUPPORTED }),
    ),
    'pickle_invalid',
  )
})

test('a skops file that is cut off or damaged is refused or reads as data, and never crashes', () => {
  const whole = file('gaussian_nb', 'pipeline.skops')
  for (let length = 0; length < whole.length; length += 97) {
    assert.match(
      codeOf(() =>
        readSkops(whole.subarray(0, length), { bytesMax: BYTES_MAX, estimators: SUPPORTED }),
      ),
      /^pickle_/,
    )
  }
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, value) => {
      const copy = Uint8Array.from(whole)
      copy[at] = value
      assert.match(
        codeOf(() => readSkops(copy, { bytesMax: BYTES_MAX, estimators: SUPPORTED })),
        /^(pickle_|no problem)/,
      )
    }),
    { numRuns: 300 },
  )
})
