import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inflateSync } from 'node:zlib'
import type { Model } from '../bundle/model.ts'
import { assembleModel, readColumns } from '../bundle/parts.ts'
import { probed } from '../bundle/probe-model.ts'
import { checkAnswers } from '../bundle/self-check.ts'
import { PASSENGER } from '../fixtures/passenger.ts'
import { readPickle as readBytes } from '../pickle/read-pickle.ts'
import { SUPPORTED } from './registry.ts'

/** As the service reads files: with all estimators that it can compute. */
const readPickle = (file: Uint8Array) => readBytes(file, { estimators: SUPPORTED })

const FIXTURES = join(import.meta.dirname, '../fixtures')
const text = (...path: string[]): string => readFileSync(join(FIXTURES, ...path), 'utf8')

function loadCase(folder: string): Model {
  const read = (file: string) => readPickle(readFileSync(join(FIXTURES, folder, file)))
  const columns = readColumns(text(folder, 'columns.json'))
  return assembleModel(read('pipeline.pickle'), columns, read('dtypes.pickle'))
}

for (const name of readdirSync(join(FIXTURES, 'corpus'))) {
  test(`answers of the shared case ${name} equal scikit-learn's to 1e-9, same class always`, () => {
    const model = loadCase(`corpus/${name}`)

    const { rows, mismatches } = checkAnswers(
      model,
      JSON.parse(text('corpus', name, 'requests.json')),
      JSON.parse(text('corpus', name, 'expected.json')),
      1e-9,
    )

    assert.equal(rows, 50)
    assert.deepEqual(mismatches, [])
  })
}

type Line = {
  pipeline: string
  dtypes: string
  columns: string[]
  requests: unknown
  expected: unknown
  meta: { name: string; sklearn: string }
}

for (const file of readdirSync(join(FIXTURES, 'own'))) {
  const cases = text('own', file).trim().split('\n')
  test(`answers of ${cases.length} pipelines of scikit-learn ${file.replace('.jsonl', '')} equal the original's to 1e-9`, () => {
    for (const line of cases) {
      const given = JSON.parse(line) as Line
      const read = (packed: string) => readPickle(inflateSync(Buffer.from(packed, 'base64')))

      // As a folder is loaded: with a made-up row, which asks the encoders for what they know.
      const model = probed(assembleModel(read(given.pipeline), given.columns, read(given.dtypes)))
      const result = checkAnswers(model, given.requests, given.expected, 1e-9)

      assert.deepEqual(result.mismatches, [], given.meta.name)
    }
  })
}

test("the document's observation gets the document's number, to the last digit", () => {
  const expected = { '2017': 0.09264179297127445, '2020': 0.16097398111735517 }

  for (const [year, proba] of Object.entries(expected)) {
    const { mismatches } = checkAnswers(
      loadCase(`titanic-seed/${year}`),
      [{ id: 0, observation: PASSENGER }],
      [{ id: 0, predict_proba: [1 - proba, proba], predict: 0 }],
      1e-15,
    )

    assert.deepEqual(mismatches, [], year)
  }
})
