import { Problem } from '@hokku/kit/problem'
import { problem } from '../problems.ts'
import { argmaxRows } from '../estimators/linear-algebra.ts'
import type { Fitted } from '../estimators/fitted.ts'
import { buildFrame, type FrameSchema, type Observation } from '../frames/build-frame.ts'
import { refusal } from '../frames/refusal.ts'
import type { Cell } from '../frames/cell.ts'
import type { Block, Matrix } from '../frames/block.ts'

/** A model that is ready to answer. */
export type Model = Readonly<{
  schema: FrameSchema
  estimator: Fitted
  kind: 'classifier' | 'regressor'
  /** Of a classifier: labels in the order of probabilities. */
  classes: readonly Cell[]
  hasProba: boolean
  /** Of two classes: the probability from which the model predicts the second. */
  threshold: number
}>

/** What the model says of one observation. */
export type Score = Readonly<{
  /** One number a class; undefined for regressors and for classifiers that give none. */
  proba: readonly number[] | undefined
  /** The class, or the number of a regressor. */
  predict: Cell
}>

/** @throws Problem `model_invalid` if the pipeline's last step predicts nothing */
export function createModel(estimator: Fitted, schema: FrameSchema): Model {
  const predicts = estimator.predict !== undefined || estimator.proba !== undefined
  if (!predicts)
    throw problem('model_invalid', `${estimator.name} predicts nothing: it only transforms.`)
  return {
    schema,
    estimator,
    kind: estimator.classes === undefined ? 'regressor' : 'classifier',
    classes: estimator.classes ?? [],
    hasProba: estimator.proba !== undefined,
    threshold: estimator.threshold ?? estimator.last?.threshold ?? 0.5,
  }
}

/**
 * Scores observations in one pass.
 *
 * @throws Problem `observation_invalid` if the pipeline refuses any of them; `scoreEach` says which
 * @example
 * const { model } = await loadFolder('titanic')
 * const [first] = scoreAll(model, [{ Age: 22, Sex: 'female', Pclass: 3 }])
 * console.log(first?.predict, first?.proba)
 */
export function scoreAll(model: Model, observations: readonly Observation[]): Score[] {
  const last = model.estimator.last ?? model.estimator
  const block = prepared(model, observations)
  const proba = last.proba?.(block)
  const isArgmax = proba !== undefined && last.isArgmax === true
  const predicted = isArgmax ? argmaxRows(proba) : last.predict?.(block)
  refuseNonFinite(proba?.data ?? predicted)
  return observations.map((_, r) => ({
    proba: proba === undefined ? undefined : rowOf(proba, r),
    predict: labelOf(model, predicted?.[r] ?? 0),
  }))
}

/** JSON has no infinity, and no one could act on it. */
function refuseNonFinite(answers: Float64Array | undefined): void {
  if (answers?.every((value) => Number.isFinite(value)) === false) {
    throw refusal('The model has no finite answer to this observation.')
  }
}

export type Outcome = Score | Problem

/**
 * Scores every observation for itself: one that is refused spoils no other.
 *
 * @example
 * const { model } = await loadFolder('titanic')
 * for (const outcome of scoreEach(model, [{ Age: 22 }, { Age: 'unknown' }])) {
 *   console.log(outcome instanceof Error ? outcome.message : outcome.predict)
 * }
 */
export function scoreEach(model: Model, observations: readonly Observation[]): Outcome[] {
  if (observations.length === 0) return []
  try {
    return scoreAll(model, observations)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    if (observations.length === 1) return [error]
    // Halves: many good rows and a few bad ones cost a few passes, not one pass a row.
    const middle = observations.length >> 1
    return [
      ...scoreEach(model, observations.slice(0, middle)),
      ...scoreEach(model, observations.slice(middle)),
    ]
  }
}

function prepared(model: Model, observations: readonly Observation[]): Block {
  const frame = buildFrame(observations, model.schema)
  return model.estimator.prepare?.(frame) ?? frame
}

const rowOf = ({ columns, data }: Matrix, row: number): number[] =>
  Array.from(data.subarray(row * columns, (row + 1) * columns))

const labelOf = (model: Model, predicted: number): Cell =>
  model.kind === 'classifier' ? model.classes[predicted]! : predicted
