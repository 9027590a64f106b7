import type { Cell } from '../frames/cell.ts'
import { textOfCell } from '../frames/python-number.ts'
import type { Model, Score } from '../bundle/model.ts'
import type { ObservationId, Prediction } from '../store/prediction.ts'

/** What a score means for the record: the probability that counts, and the class it predicts. */
export type Verdict = Readonly<{
  proba: number | null
  probabilities: readonly number[] | null
  predicted: Cell
}>

/**
 * Of two classes the second's probability counts; the model decides, or a threshold that overrules
 * it. Of more it is the chosen class's. Regressors have a number only.
 */
export function verdictOf(model: Model, score: Score, threshold: number | undefined): Verdict {
  const { proba, predict } = score
  if (proba === undefined)
    return { proba: null, probabilities: null, predicted: shownLabel(model, predict) }
  if (model.classes.length === 2) {
    const label = threshold === undefined ? predict : model.classes[proba[1]! >= threshold ? 1 : 0]!
    return { proba: proba[1]!, probabilities: null, predicted: shownLabel(model, label) }
  }
  const chosen = model.classes.indexOf(predict)
  return { proba: proba[chosen] ?? null, probabilities: proba, predicted: predict }
}

/** Classes 0 and 1 read false and true, as in the document's answer; others read as they are. */
function shownLabel(model: Model, label: Cell): Cell {
  const [first, second] = model.classes
  const isZeroOne = model.classes.length === 2 && first === 0 && second === 1
  return isZeroOne ? label === 1 : label
}

/** The body for an observation without an id: `{"prediction": p}`, as in the document. */
export function bareAnswer(model: Model, verdict: Verdict): object {
  if (verdict.probabilities !== null) {
    return { prediction: verdict.predicted, ...namedProbabilities(model, verdict.probabilities) }
  }
  return { prediction: verdict.proba ?? verdict.predicted }
}

/** The value alone, as `model.predict` gives it: what MLflow's servers answer. */
export function plainAnswer(model: Model, { predicted }: Verdict): Cell {
  const isZeroOne = model.classes[0] === 0 && model.classes[1] === 1
  return typeof predicted === 'boolean' && isZeroOne ? Number(predicted) : predicted
}

/** The body for an observation that was recorded. */
export function recordedAnswer(model: Model, prediction: Prediction): object {
  const { probabilities } = prediction
  return {
    id: prediction.id,
    observation_id: shownId(prediction.observationId),
    ...(model.kind === 'regressor'
      ? { prediction: prediction.predicted }
      : { predicted_class: prediction.predicted, proba: prediction.proba }),
    true_class: prediction.trueClass,
    ...(probabilities === null ? {} : namedProbabilities(model, probabilities)),
  }
}

/** A whole row, as /update and /list-db-contents answer it. */
export function wholeRow(model: Model, prediction: Prediction): object {
  return {
    ...recordedAnswer(model, prediction),
    observation: prediction.raw,
    model_version: prediction.modelVersion,
    source: prediction.source,
    latency_us: prediction.latencyUs,
    created_at: prediction.createdAt.toISOString(),
    updated_at: prediction.updatedAt.toISOString(),
  }
}

/** Keys of JSON are texts, so the classes come as a list beside them as well. */
function namedProbabilities(model: Model, probabilities: readonly number[]): object {
  return {
    probabilities: Object.fromEntries(
      model.classes.map((label, k) => [textOfCell(label), probabilities[k]]),
    ),
    classes: model.classes,
  }
}

export const shownId = ({ text, isInteger }: ObservationId): number | bigint | string => {
  if (!isInteger) return text
  return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text)
}
