import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { isConstructed } from '../pickled.ts'
import { Attributes, unsupported } from './attributes.ts'
import type { Compiler, Fitted } from './fitted.ts'
import { argmaxRows, bothClasses, normalizeRows } from './linear-algebra.ts'

/** OneVsRestClassifier: a binary model a class. */
export const oneVsRestClassifier: Compiler = (estimator, build) => {
  const binarizer = estimator.get('label_binarizer_')
  if (!isConstructed(binarizer)) throw estimator.missing('label_binarizer_')
  const classes = new Attributes(binarizer).classes()
  const models = estimator.list('estimators_').map((value) => build.compile(value))
  if (models.length !== (classes.length === 2 ? 1 : classes.length)) {
    throw estimator.missing('estimators_')
  }
  const confidences = models.map((model) => confidenceOf(estimator, model))
  const scores = (block: Block): Matrix => sideBySide(confidences, block)
  const threshold = thresholdOf(models)
  const best = estimator.isAtLeast(1, 8) ? argmaxRows : lastArgmaxRows
  return {
    name: estimator.name,
    classes,
    predict: (block) =>
      models.length === 1
        ? scores(block).data.map((score) => (score > threshold ? 1 : 0))
        : best(scores(block)),
    ...(models.every((model) => model.decision !== undefined) ? { decision: scores } : {}),
    ...(models.every((model) => model.proba !== undefined)
      ? { proba: (block: Block) => restShares(estimator, models, block) }
      : {}),
    parts: models,
  }
}

/** OneVsOneClassifier: a binary model a pair of classes, which vote; confidences part equals. */
export const oneVsOneClassifier: Compiler = (estimator, build) => {
  const classes = estimator.classes()
  const models = estimator.list('estimators_').map((value) => build.compile(value))
  if (models.length !== (classes.length * (classes.length - 1)) / 2) {
    throw estimator.missing('estimators_')
  }
  if (estimator.has('pairwise_indices_')) throw unsupported(estimator, 'over precomputed kernels')
  const confidences = models.map((model) => confidenceOf(estimator, model))
  const threshold = thresholdOf(models)
  const votes = (block: Block): Matrix => {
    const sides = models.map((model) => model.predict!(block))
    const sure = confidences.map((confidence) => confidence(block))
    return tally(sides, sure, block.rows, classes.length)
  }
  const decision = (block: Block): Matrix =>
    classes.length === 2 ? secondOf(votes(block)) : votes(block)
  return {
    name: estimator.name,
    classes,
    decision,
    predict: (block) =>
      classes.length === 2
        ? decision(block).data.map((score) => (score > threshold ? 1 : 0))
        : argmaxRows(decision(block)),
    parts: models,
  }
}

/** Stands where a class was in no row, or in all rows, of the training data: always the same. */
export const constantPredictor: Compiler = (estimator) => {
  const [value] = estimator.numbers('y_')
  const constant = (block: Block): Matrix =>
    matrix(block.rows, 1, new Float64Array(block.rows).fill(value!))
  return {
    name: estimator.name,
    classes: [0, 1],
    decision: constant,
    proba: (block) => bothClasses(constant(block)),
    predict: (block) => constant(block).data,
  }
}

type Confidence = (block: Block) => Float64Array

/** How sure a model is of its second class: its decision, else its probability, else its number. */
function confidenceOf(estimator: Attributes, model: Fitted): Confidence {
  const { classes, decision, proba, predict } = model
  if (classes === undefined && predict !== undefined) return predict
  if (decision !== undefined) return (block) => decision(block).data
  if (proba !== undefined) return (block) => secondOf(proba(block)).data
  throw unsupported(estimator, `of ${model.name}`)
}

const thresholdOf = ([first]: readonly Fitted[]): number =>
  first?.classes !== undefined && first.decision !== undefined ? 0 : 0.5

function sideBySide(confidences: readonly Confidence[], block: Block): Matrix {
  const out = matrix(block.rows, confidences.length)
  confidences.forEach((confidence, k) => {
    confidence(block).forEach((value, r) => (out.data[r * confidences.length + k] = value))
  })
  return out
}

/** Index of the largest value of each row, the last of equals, as it was before 1.8. */
function lastArgmaxRows({ rows, columns, data }: Matrix): Float64Array {
  const out = new Float64Array(rows)
  for (let r = 0; r < rows; r++) {
    for (let c = 1; c < columns; c++) {
      if (data[r * columns + c]! >= data[r * columns + out[r]!]!) out[r] = c
    }
  }
  return out
}

/** Second-class probabilities of all models, divided by their sum. */
function restShares(estimator: Attributes, models: readonly Fitted[], block: Block): Matrix {
  if (models.length === 1) return models[0]!.proba!(block)
  const shares = sideBySide(
    models.map((model) => (part: Block) => secondOf(model.proba!(part)).data),
    block,
  )
  // Before 1.6 a row of zeros became one of NaN, which is no answer.
  return normalizeRows(shares, estimator.isAtLeast(1, 6) ? 0 : Number.NaN)
}

/** Votes of all pairs in the order 0-1, 0-2, …, 1-2, …, and a third of a vote for confidence. */
function tally(
  sides: readonly Float64Array[],
  sure: readonly Float64Array[],
  rows: number,
  size: number,
): Matrix {
  const votes = matrix(rows, size)
  const confidence = matrix(rows, size)
  for (let i = 0, pair = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++, pair++) {
      for (let r = 0; r < rows; r++) {
        votes.data[r * size + (sides[pair]![r] === 1 ? j : i)]! += 1
        confidence.data[r * size + i]! -= sure[pair]![r]!
        confidence.data[r * size + j]! += sure[pair]![r]!
      }
    }
  }
  confidence.data.forEach((sum, at) => (votes.data[at]! += sum / (3 * (Math.abs(sum) + 1))))
  return votes
}

const secondOf = (p: Matrix): Matrix =>
  matrix(
    p.rows,
    1,
    p.data.filter((_, i) => i % 2 === 1),
  )
