import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Problem } from '@hokku/kit/problem'
import { loadFolder } from '../bundle/load-folder.ts'
import { checkAnswers } from '../bundle/self-check.ts'
import { onnxEstimator } from './onnx-estimator.ts'
import type { Meta, OnnxSession } from './onnx-session.ts'

const FIXTURES = join(import.meta.dirname, '../fixtures/onnx')
/** `ONNX_HOME` may name a folder that has the package; it weighs 290 MB, so it is not ours. */
const HOME = process.env['ONNX_HOME'] ?? import.meta.dirname
const skip = hasRuntime() ? false : 'onnxruntime-node is not installed'
let folder: string

before(async () => {
  folder = await mkdtemp(join(process.env['ONNX_HOME'] ?? tmpdir(), 'onnx-'))
  await cp(FIXTURES, folder, { recursive: true })
})
after(() => rm(folder, { recursive: true }))

function hasRuntime(): boolean {
  try {
    createRequire(`${HOME}/`).resolve('onnxruntime-node')
    return true
  } catch {
    return false
  }
}

for (const name of ['columns', 'reg', 'tensor']) {
  test(
    `the ONNX model ${name} answers as scikit-learn does, to single precision`,
    { skip },
    async () => {
      const { model } = await loadFolder(join(folder, name))
      const json = async (file: string): Promise<unknown> =>
        JSON.parse(await readFile(join(folder, name, file), 'utf8'))

      const { rows, mismatches } = checkAnswers(
        model,
        await json('requests.json'),
        await json('expected.json'),
        1e-5,
      )

      assert.equal(rows, 20)
      assert.deepEqual(mismatches, [])
    },
  )
}

test('labels that are text must lie beside the model', { skip }, async () => {
  await assert.rejects(loadFolder(join(folder, 'labels')), /does not list its classes/)
  await writeFile(join(folder, 'labels/classes.json'), '["no", "yes"]')

  assert.deepEqual((await loadFolder(join(folder, 'labels'))).model.classes, ['no', 'yes'])
})

test(
  'without the package the refusal names it and the command that brings it',
  { skip: !skip },
  async () => {
    await assert.rejects(loadFolder(join(folder, 'columns')), (error) => {
      assert(error instanceof Problem)
      assert.equal(error.code, 'package_missing')
      assert.match(error.message, /onnxruntime-node/)
      assert.match(error.hint ?? '', /npm install onnxruntime-node/)
      return true
    })
  },
)

/** A session as the runtime would describe it; nothing is run. */
const described = (inputs: Meta[], outputs: Meta[]): OnnxSession => ({
  inputs,
  outputs,
  run: () => ({}),
})
const floats = (name: string): Meta => ({ name, isTensor: true, type: 'float32', shape: ['N', 2] })

test('models whose inputs or outputs we cannot serve are refused at the start', () => {
  const label: Meta = { name: 'label', isTensor: true, type: 'int64', shape: ['N'] }
  const maps: Meta = { name: 'probabilities', isTensor: false }

  assert.throws(
    () => onnxEstimator(described([floats('X')], [label, maps]), ['a'], undefined),
    /maps instead of tensors/,
  )
  assert.throws(
    () =>
      onnxEstimator(described([floats('b'), floats('a')], [label, floats('p')]), ['a'], undefined),
    /wants b/,
  )
  assert.deepEqual(
    onnxEstimator(described([floats('X')], [label, floats('p')]), ['a'], undefined).classes,
    [0, 1],
  )
})
