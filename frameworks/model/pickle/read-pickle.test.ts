import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { deflateSync } from 'node:zlib'
import { Problem } from '@hokku/kit/problem'
import fc from 'fast-check'
import { assembleModel } from '../bundle/parts.ts'
import { numberArray, valueArray } from '../numpy/array.ts'
import { readPickle as readBytes, type ReadOptions } from './read-pickle.ts'
import type { Pickled } from '../pickled.ts'
import { SUPPORTED } from '../estimators/registry.ts'

/** As the service reads files: with all estimators that it can compute. */
const readPickle = (file: Uint8Array, options: ReadOptions = {}) =>
  readBytes(file, { estimators: SUPPORTED, ...options })

const FIXTURES = join(import.meta.dirname, '../fixtures')
const file = (path: string): Uint8Array => readFileSync(join(FIXTURES, path))

/** A pickle from pieces: text is opcodes in latin1, bytes are themselves. */
function pickle(...pieces: (string | Uint8Array)[]): Uint8Array {
  return Buffer.concat(
    pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)),
  )
}
const PROTOCOL = '\x80\x04'
const text = (value: string): string => `\x8c${String.fromCharCode(value.length)}${value}`
const global = (module: string, name: string): string => `${text(module)}${text(name)}\x93`
const u32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer)

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
  return 'no problem'
}

const HOSTILE: readonly (readonly [module: string, name: string])[] = [
  ['os', 'system'],
  ['posix', 'system'],
  ['builtins', 'eval'],
  ['builtins', 'exec'],
  ['builtins', 'getattr'],
  ['builtins', '__import__'],
  ['__builtin__', 'eval'],
  ['subprocess', 'Popen'],
  ['operator', 'attrgetter'],
  ['numpy', 'load'],
  ['numpy.core.multiarray', 'fromfile'],
  ['joblib', 'load'],
  ['sklearn.pipeline', 'os.system'],
  ['sklearn.pipeline\nos', 'system'],
]

for (const [module, name] of HOSTILE) {
  test(`a pickle that calls ${name} of ${JSON.stringify(module)} is refused by that name`, () => {
    const hostile = pickle(PROTOCOL, global(module, name), text('id'), '\x85R.')

    assert.throws(
      () => readPickle(hostile),
      (error) => {
        assert(error instanceof Problem)
        assert.equal(error.code, 'pickle_unsupported')
        assert(error.message.includes(name))
        return true
      },
    )
  })
}

test('one refusal names every class that is not supported', () => {
  const both = pickle(PROTOCOL, global('a.b', 'First'), '0', global('c', 'Second'), '.')

  assert.throws(() => readPickle(both), /First from a\.b; Second from c/)
})

test('a class that a line feed was smuggled into is refused', () => {
  const smuggled = pickle(PROTOCOL, 'csklearn.pipeline\nPipeline\rx\n', '.')

  assert.equal(
    codeOf(() => readPickle(smuggled)),
    'pickle_unsupported',
  )
})

test('an array of a foreign class is refused', () => {
  const hostile = pickle(
    PROTOCOL,
    global('numpy.core.multiarray', '_reconstruct'),
    global('subprocess', 'Popen'),
    'K\x00\x85C\x01b\x87R.',
  )

  assert.throws(() => readPickle(hostile), /Popen from subprocess/)
})

/** `numpy.core.multiarray._reconstruct` with a state of our choice. */
function arrayOf(shape: string, dtype: string, bytes: string): Pickled {
  return readPickle(
    pickle(
      PROTOCOL,
      global('numpy.core.multiarray', '_reconstruct'),
      `${global('numpy', 'ndarray')}K\x00\x85C\x01b\x87R(K\x01${shape}`,
      `${global('numpy', 'dtype')}${text(dtype)}\x89\x88\x87R(K\x03${text('<')}NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89`,
      `C${String.fromCharCode(bytes.length)}${bytes}tb.`,
    ),
  )
}

test('an array reads as its numbers, and one whose sizes lie is refused', () => {
  const huge = '\x8a\x06\x00\x00\x00\x00\x00\x01\x85'

  assert.deepEqual([...numberArray(arrayOf('K\x02\x85', 'i2', '\x01\x00\xff\xff')).data], [1, -1])
  assert.equal(
    codeOf(() => numberArray(arrayOf(huge, 'f8', '0123456789'))),
    'pickle_invalid',
  )
  assert.equal(
    codeOf(() => numberArray(arrayOf('K\x02\x85', 'f8', '0123456789'))),
    'pickle_invalid',
  )
  assert.equal(
    codeOf(() => numberArray(arrayOf('K\x01\x85', 'f99999999999', '0'))),
    'pickle_invalid',
  )
  assert.equal(
    codeOf(() => valueArray(arrayOf('J\xff\xff\xff\xff\x85', 'U1', ''))),
    'pickle_invalid',
  )
})

test('empty bytes of protocol 2 are read, which it writes as a call', () => {
  const value = readPickle(pickle('\x80\x02c__builtin__\nbytes\n)R.'))

  assert.deepEqual(value, new Uint8Array())
})

test('lengths that are negative or longer than the file are refused before anything is read', () => {
  for (const length of [
    'X\xff\xff\xff\xff',
    '\x8d\xff\xff\xff\xff\xff\xff\xff\xff',
    'B\xff\xff\xff\x7f',
  ]) {
    assert.equal(
      codeOf(() => readPickle(pickle(PROTOCOL, length, 'abc.'))),
      'pickle_invalid',
    )
  }
})

test('a million nested marks are refused, a list that contains itself is read', () => {
  assert.equal(
    codeOf(() => readPickle(pickle(PROTOCOL, '('.repeat(1_000_000)))),
    'pickle_too_large',
  )

  const list = readPickle(pickle(PROTOCOL, ']\x94h\x00a.'))

  assert(Array.isArray(list) && list[0] === list)
})

test('a pipeline that contains itself, or is nested a hundred thousand times, is refused', () => {
  const step = `${global('sklearn.pipeline', 'Pipeline')})\x81`
  const itself = pickle(PROTOCOL, step, `\x94}${text('steps')}](${text('a')}h\x00\x86esb.`)
  const deep = pickle(
    PROTOCOL,
    `${step}}${text('steps')}](${text('a')}`.repeat(2000),
    'N',
    '\x86esb'.repeat(2000),
    '.',
  )

  assert.equal(
    codeOf(() => assembleModel(readPickle(itself), ['a'], undefined)),
    'model_invalid',
  )
  assert.notEqual(
    codeOf(() => assembleModel(readPickle(deep), ['a'], undefined)),
    'no problem',
  )
})

test('a small file that unpacks to more than the limit is refused', () => {
  const bomb = deflateSync(Buffer.alloc(50_000_000))

  assert.equal(
    codeOf(() => readPickle(bomb, { bytesMax: 1_000_000 })),
    'pickle_too_large',
  )
})

test('a file that unpacks to hundreds of times its size is refused before memory is taken', () => {
  const bomb = deflateSync(Buffer.alloc(70_000_000))

  assert(bomb.length < 100_000)
  assert.equal(
    codeOf(() => readPickle(bomb)),
    'pickle_too_large',
  )
})

test('keys like __proto__ and constructor stay data', () => {
  const state = `}(${text('__proto__')}}${text('polluted')}\x88s${text('constructor')}\x88u`

  const value = readPickle(
    pickle(PROTOCOL, global('sklearn.svm._classes', 'SVC'), ')\x81', state, 'b.'),
  )

  assert.equal(typeof value, 'object')
  assert.equal(({} as { polluted?: unknown }).polluted, undefined)
})

test('files that are not pickles are refused with a hint', () => {
  for (const content of [
    '',
    'hello',
    '{"json": true}',
    '\x93NUMPY',
    'PK\x03\x04',
    '\x80\x04',
    '\x80\x63.',
  ]) {
    assert.equal(
      codeOf(() => readPickle(pickle(content))),
      'pickle_invalid',
      content,
    )
  }
  assert.throws(() => readPickle(pickle('BZh9xxxx')), /bz2/)
  assert.throws(() => readPickle(pickle('\xfd7zXZ\x00')), /xz/)
  assert.throws(() => readPickle(pickle(PROTOCOL, 'I1\n.')), /INT/)
  assert.throws(() => readPickle(pickle('hello world\n')), /not a pickle of protocol 2/)
})

test('integers keep their value at any length, and are numbers where a double is exact', () => {
  const long = (bytes: string): string => `\x8a${String.fromCharCode(bytes.length)}${bytes}.`

  assert.equal(readPickle(pickle(PROTOCOL, long(''))), 0)
  assert.equal(readPickle(pickle(PROTOCOL, long('\xff'))), -1)
  assert.equal(
    readPickle(pickle(PROTOCOL, long('\x00\x00\x00\x00\x00\x00\x00\x80\x00'))),
    2n ** 63n,
  )
})

const SAMPLES = [
  'titanic-seed/2017/pipeline.pickle',
  'titanic-seed/2017/dtypes.pickle',
  'corpus/gaussian_nb/pipeline.pickle',
  'corpus/logreg_onehot/pipeline.pickle',
  'corpus/multinomial_three_class/pipeline.pickle',
  'corpus/gboost_category_dtype/dtypes.pickle',
]

for (const name of SAMPLES) {
  test(`${name} cut off after any byte is refused`, () => {
    const whole = file(name)

    assert.equal(
      codeOf(() => readPickle(whole)),
      'no problem',
    )
    for (let length = 0; length < whole.length; length++) {
      assert.match(
        codeOf(() => readPickle(whole.subarray(0, length))),
        /^pickle_/,
        `${length} bytes`,
      )
    }
  })
}

test('a joblib file cut off inside its arrays is refused', () => {
  const whole = file('corpus/forest_ordinal/pipeline.pickle')

  for (let length = 1; length < whole.length; length += 1 + Math.floor(length / 50)) {
    assert.match(
      codeOf(() => readPickle(whole.subarray(0, length))),
      /^pickle_/,
      `${length} bytes`,
    )
  }
})

test('random bytes never get past the reader', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const code = codeOf(() => readPickle(pickle(PROTOCOL, bytes)))
      assert.match(code, /^(pickle_\w+|no problem)$/)
    }),
    { numRuns: 500 },
  )
})

test('a length prefix of four bytes is read as unsigned', () => {
  assert.equal(readPickle(pickle(PROTOCOL, 'X', u32(3), 'abc.')), 'abc')
})
