import { reasonOf } from '@hokku/kit/problem'
import type { Log } from '../log.ts'
import { decodeModel, encodeModel } from '../model-store/model-file.ts'
import { problem } from '../problems.ts'
import type { TrainingContext } from './context.ts'
import type { Algorithm, SavedModel } from './engine.ts'
import type { Bound, BoundEngine } from './params.ts'
import { prepareData } from './train-engine.ts'

/** How the model of one algorithm was kept. */
type Kept = Readonly<
  { kind: 'stored'; model: unknown } | { kind: 'custom' } | { kind: 'retrained' }
>

/** Where algorithms save their own models. */
export type ModelPlace = Pick<SavedModel, 'directory' | 'files'>

type AnyAlgorithm = Bound<Algorithm<unknown, unknown, unknown>>

/**
 * The models of a training as one file; algorithms that save their own models have done so.
 *
 * @throws Problem `training_failed` for a model that is not plain data
 */
export async function packModels(
  bound: BoundEngine,
  models: readonly unknown[],
  instanceId: string,
  place: ModelPlace,
): Promise<Uint8Array> {
  const kept: Kept[] = []
  for (const [at, algorithm] of bound.algorithms.entries()) {
    const { persistence } = algorithm.component
    const saved = savedModel(instanceId, at, algorithm, place)
    if (persistence.kind === 'stored') kept.push({ kind: 'stored', model: models[at] })
    else if (persistence.kind === 'retrained') kept.push({ kind: 'retrained' })
    else {
      const isSaved = await persistence.save(models[at] as never, saved)
      kept.push({ kind: isSaved ? 'custom' : 'retrained' })
    }
  }
  try {
    return encodeModel(kept)
  } catch (error) {
    throw problem('training_failed', `A model cannot be stored: ${reasonOf(error)}`, {
      hint: 'Models must be plain data (no functions), or the algorithm saves them: give it save and load.',
      cause: error,
    })
  }
}

/** The models of one training, as `packModels` left them. */
export type PackedModels = Readonly<{ file: Uint8Array; instanceId: string; place: ModelPlace }>

/**
 * The models of a training, ready to predict with; what was not kept is trained again.
 *
 * @throws Problem `model_broken`
 */
export async function unpackModels(
  bound: BoundEngine,
  { file, instanceId, place }: PackedModels,
  context: TrainingContext,
  log: Log,
): Promise<unknown[]> {
  const kept = decodeModel(file, instanceId) as Kept[]
  if (kept.length !== bound.algorithms.length) {
    throw problem(
      'model_broken',
      `The model ${instanceId} is of an engine with other algorithms.`,
      {
        hint: 'Train again with pio train.',
      },
    )
  }
  const say = (line: string): void => log.info('Engine$', line)
  if (kept.some(({ kind }) => kind === 'retrained')) {
    say('Some persisted models are Unit, need to re-train.')
  } else say('Using persisted model')
  let prepared: Promise<unknown> | undefined
  const models: unknown[] = []
  for (const [at, algorithm] of bound.algorithms.entries()) {
    const one = kept[at] ?? { kind: 'retrained' }
    const { component, params, name } = algorithm
    if (one.kind === 'stored') {
      say(`Loaded model ${typeName(one.model)} for algorithm ${name}`)
      models.push(one.model)
    } else if (one.kind === 'custom' && component.persistence.kind === 'custom') {
      say(`Custom-persisted model detected for algorithm ${name}`)
      models.push(await component.persistence.load(savedModel(instanceId, at, algorithm, place)))
    } else {
      prepared ??= prepareData(bound, context)
      models.push(await component.train(await prepared, params as never, context))
    }
  }
  return models
}

const savedModel = (
  instanceId: string,
  at: number,
  { name, params }: AnyAlgorithm,
  place: ModelPlace,
): SavedModel => ({ id: `${instanceId}-${at}-${name}`, ...place, params })

const typeName = (model: unknown): string =>
  typeof model === 'object' && model !== null ? model.constructor.name : typeof model
