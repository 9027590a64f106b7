import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { columnFacts } from './column-facts.ts'
import { loadFolder } from './load-folder.ts'
import { scoreAll } from './model.ts'
import { checkFolder } from './self-check.ts'

/** Apps that can be read in two ways. */
const UNCLEAR = new Set(['two-models', 'two-scalers', 'two-labels'])

/** Model folders as people have them, through the door that `model-server` takes. */
const FIXTURES = join(import.meta.dirname, '../fixtures')
const folder = mkdtempSync(join(tmpdir(), 'model-folders-'))
after(() => rmSync(folder, { recursive: true, force: true }))

let made = 0
/** A folder with these files: paths below the fixtures, or texts. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const directory = join(folder, String(made++))
  mkdirSync(directory)
  for (const [name, content] of Object.entries(files)) {
    const to = join(directory, name)
    if (content.startsWith('{')) writeFileSync(to, content)
    else cpSync(join(FIXTURES, content), to)
  }
  return directory
}

test('a ColumnTransformer of 0.24 knows its columns by name', async () => {
  const { model } = await loadFolder(join(FIXTURES, 'field/column-transformer-names-0.24'))

  const facts = columnFacts(model)

  assert.deepEqual(
    facts.map(({ name, values }) => [name, values]),
    [
      ['a', undefined],
      ['c', ['x', 'y', 'z']],
    ],
  )
})

test('a threshold around a pipeline decides, not a half', async () => {
  const directory = join(FIXTURES, 'field/threshold-around-pipeline')
  const { model } = await loadFolder(directory)

  const { rows, mismatches } = await checkFolder(directory, model)

  assert.equal(rows, 12)
  assert.deepEqual(mismatches, [])
  assert.notEqual(model.threshold, 0.5)
})

test('scalars as NumPy 1.16.0 wrote them are read', async () => {
  const directory = join(FIXTURES, 'field/numpy-1.16.0-scalar-module')
  const { model } = await loadFolder(directory)

  assert.deepEqual((await checkFolder(directory, model)).mismatches, [])
})

test('a network with two outputs is refused, not cut to one', async () => {
  await assert.rejects(
    loadFolder(join(FIXTURES, 'field/mlp-regressor-two-outputs')),
    /MLPRegressor with several outputs is not supported/,
  )
})

for (const app of readdirSync(join(FIXTURES, 'apps')).filter((name) => !UNCLEAR.has(name))) {
  test(`the app ${app} answers as scikit-learn does, as it lies`, async () => {
    const directory = join(FIXTURES, 'apps', app)
    const { model } = await loadFolder(directory)

    const { rows, mismatches } = await checkFolder(directory, model)

    assert.equal(rows, 12)
    assert.deepEqual(mismatches, [])
  })
}

test('of two models, and of two scalers of one width, the user says which', async () => {
  await assert.rejects(
    loadFolder(join(FIXTURES, 'apps/two-models')),
    /Several files are a model: fruit\.pkl, spam\.pkl/,
  )
  await assert.rejects(loadFolder(join(FIXTURES, 'apps/two-scalers')), {
    message: 'minmaxscaler.pkl, standscaler.pkl fit model.pkl in more than one order.',
    hint: /"steps":\["minmaxscaler\.pkl","standscaler\.pkl","model\.pkl"\]/,
  })
})

test('what is guessed is reported', async () => {
  const { notes, files } = await loadFolder(join(FIXTURES, 'apps/dict'))

  assert.deepEqual(files, ['model.sav'])
  assert.deepEqual(notes, [
    'model.sav[score] is not used: it is 0.9.',
    'Steps, in this order: model.sav[scaler] → model.sav[model].',
    '3 columns, as a file beside the model lists them.',
  ])
})

test('a LabelEncoder of two labels may be that of a column: it names no classes unasked', async () => {
  const files = {
    'model.pkl': 'apps/scaler-and-model/model.pkl',
    'le.pkl': 'apps/two-labels/le.pkl',
  }

  const { model, notes } = await loadFolder(folderOf(files))
  const declared = await loadFolder(
    folderOf({ ...files, 'model.json': '{"steps": ["model.pkl", "le.pkl"]}' }),
  )

  assert.deepEqual(model.classes, [0, 1])
  assert.match(notes.join(' '), /le\.pkl is not used: its "no" and "yes" may be a column's/)
  assert.deepEqual(declared.model.classes, ['no', 'yes'])
})

test('a scaler without its model, a missing file and a wrong key are refused with the way out', async () => {
  const scaler = 'apps/scaler-and-model/scaler.pkl'
  const model = 'apps/scaler-and-model/model.pkl'
  const load = (json: string) => loadFolder(folderOf({ 'model.pkl': model, 'model.json': json }))

  await assert.rejects(loadFolder(folderOf({ 'scaler.pkl': scaler })), {
    message: 'scaler.pkl: StandardScaler predicts nothing: it only transforms.',
    hint: /make_pipeline\(StandardScaler, model\)/,
  })
  await assert.rejects(
    load('{"file": "../model.pkl"}'),
    /names the file \.\.\/model\.pkl, which is not/,
  )
  await assert.rejects(
    load('{"file": "model.pkl", "column": ["a"]}'),
    /model\.json is not valid: .*column/,
  )
  assert.equal((await load('{"learner": {}}')).files.includes('model.json'), false)
})

test('a model.pkl alone is a model: its file says which columns it takes', async () => {
  const bundle = await loadFolder(
    folderOf({ 'model.pkl': 'field/column-transformer-names-0.24/pipeline.pickle' }),
  )

  assert.deepEqual(
    columnFacts(bundle.model).map(({ name, dtype }) => [name, dtype.name]),
    [
      ['a', 'float64'],
      ['c', 'object'],
    ],
  )
  assert.deepEqual(bundle.notes, ["2 columns, named in the model's file."])
  assert.equal(scoreAll(bundle.model, [{ a: 1, c: 'x' }]).length, 1)
})
