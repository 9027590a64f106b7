import { minimize } from './l-bfgs.ts'
import type { LabeledPoint } from './naive-bayes.ts'

export type LogisticParams = Readonly<{ regParam: number; maxIter: number; tolerance: number }>

/** Weights by label, each with the intercept last; features as they come, not standardized. */
export type LogisticModel = Readonly<{
  labels: readonly number[]
  weights: readonly (readonly number[])[]
}>

/**
 * Multinomial logistic regression with L2 regularization of the standardized features, by L-BFGS.
 *
 * As in MLlib the intercepts are not regularized, and constant features get weight 0.
 */
export function trainLogisticRegression(
  points: readonly LabeledPoint[],
  params: LogisticParams,
): LogisticModel {
  const labels = [...new Set(points.map(({ label }) => label))].toSorted((a, b) => a - b)
  const dimension = points[0]?.features.length ?? 0
  const scales = scalesOf(points, dimension)
  const rows = points.map(({ features }) =>
    Float64Array.from(features, (value, at) => value / (scales[at] || Infinity)),
  )
  const classes = Int32Array.from(points, ({ label }) => labels.indexOf(label))
  const width = dimension + 1
  const problem = { rows, classes, classCount: labels.length, regParam: params.regParam }
  const solution = minimize(
    (weights, gradient) => loss(problem, weights, gradient),
    labels.length * width,
    { iterationsMax: params.maxIter, tolerance: params.tolerance },
  )
  return {
    labels,
    weights: labels.map((_, label) =>
      Array.from({ length: width }, (_cell, at) => {
        const weight = solution[label * width + at] ?? 0
        return at < dimension ? weight / (scales[at] || Infinity) : weight
      }),
    ),
  }
}

/** The label with the largest score; the lower one of equals. */
export function predictLogisticRegression(
  model: LogisticModel,
  features: readonly number[],
): number {
  const scores = model.weights.map((weights) =>
    features.reduce((sum, value, at) => sum + value * (weights[at] ?? 0), weights.at(-1) ?? 0),
  )
  const best = scores.reduce((top, score, at) => (score > (scores[top] ?? 0) ? at : top), 0)
  return model.labels[best] ?? NaN
}

/** Sample standard deviations; 0 for a constant feature. */
function scalesOf(points: readonly LabeledPoint[], dimension: number): number[] {
  return Array.from({ length: dimension }, (_, at) => {
    const mean = points.reduce((sum, { features }) => sum + (features[at] ?? 0), 0) / points.length
    const squares = points.reduce((sum, { features }) => sum + ((features[at] ?? 0) - mean) ** 2, 0)
    return Math.sqrt(squares / Math.max(1, points.length - 1))
  })
}

type Problem = Readonly<{
  /** Standardized features, each of length d. */
  rows: readonly Float64Array[]
  /** Number of the label of each row, from 0. */
  classes: Int32Array
  classCount: number
  regParam: number
}>

/**
 * Mean cross-entropy plus the penalty; fills the gradient.
 *
 * @param weights row-major, classCount × (d + 1), the intercept last in each row; so is `gradient`
 */
function loss(
  { rows, classes, classCount, regParam }: Problem,
  weights: Float64Array,
  gradient: Float64Array,
): number {
  const width = weights.length / classCount
  const scores = new Float64Array(classCount)
  gradient.fill(0)
  let total = 0
  for (const [at, row] of rows.entries()) {
    const actual = classes[at] ?? 0
    total += crossEntropy(row, actual, weights, scores)
    for (let label = 0; label < classCount; label++) {
      const error = ((scores[label] ?? 0) - (label === actual ? 1 : 0)) / rows.length
      const offset = label * width
      for (let i = 0; i < row.length; i++) {
        gradient[offset + i] = (gradient[offset + i] ?? 0) + error * (row[i] ?? 0)
      }
      gradient[offset + row.length] = (gradient[offset + row.length] ?? 0) + error
    }
  }
  return total / rows.length + penalize(weights, gradient, width, regParam)
}

/**
 * Turns `scores` into probabilities; gives −log of the actual label's.
 *
 * @param weights row-major, (length of scores) × (length of row + 1)
 */
function crossEntropy(
  row: Float64Array,
  actual: number,
  weights: Float64Array,
  scores: Float64Array,
): number {
  const width = row.length + 1
  let largest = -Infinity
  for (let label = 0; label < scores.length; label++) {
    const offset = label * width
    let score = weights[offset + row.length] ?? 0
    for (let i = 0; i < row.length; i++) score += (row[i] ?? 0) * (weights[offset + i] ?? 0)
    scores[label] = score
    largest = Math.max(largest, score)
  }
  let sum = 0
  for (let label = 0; label < scores.length; label++) {
    const value = Math.exp((scores[label] ?? 0) - largest)
    scores[label] = value
    sum += value
  }
  for (let label = 0; label < scores.length; label++) scores[label] = (scores[label] ?? 0) / sum
  return -Math.log(Math.max(scores[actual] ?? 0, Number.MIN_VALUE))
}

function penalize(
  weights: Float64Array,
  gradient: Float64Array,
  width: number,
  regParam: number,
): number {
  let penalty = 0
  for (const [at, weight] of weights.entries()) {
    if (at % width === width - 1) continue
    penalty += (regParam / 2) * weight ** 2
    gradient[at] = (gradient[at] ?? 0) + regParam * weight
  }
  return penalty
}
