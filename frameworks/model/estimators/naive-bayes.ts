import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { refusal } from '../frames/refusal.ts'
import { toMatrix } from '../frames/to-matrix.ts'
import { numbersOfList, unsupported, type Attributes } from './attributes.ts'
import type { Compiler, Fitted } from './fitted.ts'
import {
  applyAffine,
  argmaxRows,
  requireWidth,
  softmaxRows,
  type Affine,
} from './linear-algebra.ts'

/** A Gaussian a class and column. */
export const gaussianNB: Compiler = (estimator) => {
  const classes = estimator.classes()
  const theta = estimator.rows('theta_')
  const variance = estimator.numbers('var_', 'sigma_')
  const prior = estimator.numbers('class_prior_').map((p) => Math.log(p))
  const volume = prior.map((_, k) => {
    const row = variance.subarray(k * theta.columns, (k + 1) * theta.columns)
    return -0.5 * row.reduce((sum, v) => sum + Math.log(2 * Math.PI * v), 0)
  })
  return byLikelihood(estimator, classes, (block) => {
    requireWidth(block, theta.columns, estimator.name)
    const x = toMatrix(block)
    const out = matrix(x.rows, classes.length)
    for (let r = 0, at = 0; r < x.rows; r++) {
      for (let k = 0; k < classes.length; k++) {
        let distance = 0
        for (let c = 0, w = k * theta.columns; c < theta.columns; c++, w++) {
          distance += (x.data[r * theta.columns + c]! - theta.data[w]!) ** 2 / variance[w]!
        }
        out.data[at++] = prior[k]! + volume[k]! - 0.5 * distance
      }
    }
    return out
  })
}

export const multinomialNB: Compiler = (estimator) => {
  const map = logLinear(estimator, estimator.numbers('class_log_prior_'))
  return byLikelihood(estimator, estimator.classes(), (block) =>
    applyAffine(block, map, estimator.name),
  )
}

/** Like multinomial, without the prior unless there is but one class. */
export const complementNB: Compiler = (estimator) => {
  const classes = estimator.classes()
  const prior = estimator.numbers('class_log_prior_')
  const map = logLinear(estimator, classes.length === 1 ? prior : prior.map(() => 0))
  return byLikelihood(estimator, classes, (block) => applyAffine(block, map, estimator.name))
}

/** Columns are present or absent; absence counts as well. */
export const bernoulliNB: Compiler = (estimator) => {
  const { rows, columns, data } = estimator.rows('feature_log_prob_')
  const absent = data.map((logP) => Math.log(1 - Math.exp(logP)))
  const prior = estimator.numbers('class_log_prior_')
  const intercept = prior.map(
    (p, k) => p + absent.subarray(k * columns, (k + 1) * columns).reduce((sum, v) => sum + v, 0),
  )
  const coef = data.map((logP, i) => logP - absent[i]!)
  const threshold = estimator.has('binarize') ? estimator.number('binarize') : undefined
  const map: Affine = { outputs: rows, inputs: columns, coef, intercept }
  return byLikelihood(estimator, estimator.classes(), (block) => {
    const x = threshold === undefined ? block : present(block, threshold)
    return applyAffine(x, map, estimator.name)
  })
}

/** Columns are small category numbers, each with a table. */
export const categoricalNB: Compiler = (estimator) => {
  const classes = estimator.classes()
  const tables = estimator.list('feature_log_prob_').map(numbersOfList)
  const prior = estimator.numbers('class_log_prior_')
  return byLikelihood(estimator, classes, (block) => {
    requireWidth(block, tables.length, estimator.name)
    refuseNegative(block, estimator)
    const x = toMatrix(block)
    const out = matrix(x.rows, classes.length)
    for (let at = 0; at < out.data.length; at++) {
      const [r, k] = [Math.floor(at / classes.length), at % classes.length]
      out.data[at] = tables.reduce((sum, table, c) => {
        const width = table.length / classes.length
        const category = Math.trunc(x.data[r * x.columns + c]!)
        if (category >= width)
          throw refusal(`Category ${category} of column ${c} was not seen at fit.`)
        return sum + table[k * width + category]!
      }, prior[k]!)
    }
    return out
  })
}

function byLikelihood(
  estimator: Attributes,
  classes: NonNullable<Fitted['classes']>,
  likelihood: (block: Block) => Matrix,
): Fitted {
  if (classes.length < 2) throw unsupported(estimator, 'with one class')
  return {
    name: estimator.name,
    classes,
    proba: (block) => softmaxRows(likelihood(block)),
    predict: (block) => argmaxRows(likelihood(block)),
  }
}

function logLinear(estimator: Attributes, intercept: Float64Array): Affine {
  const { rows, columns, data } = estimator.rows('feature_log_prob_')
  return { outputs: rows, inputs: columns, coef: data, intercept }
}

function present(block: Block, threshold: number): Matrix {
  const x = toMatrix(block)
  return matrix(
    x.rows,
    x.columns,
    x.data.map((value) => (value > threshold ? 1 : 0)),
  )
}

/** Counts are not negative; before 0.24 scikit-learn did not check when predicting. */
function refuseNegative(block: Block, estimator: Attributes): void {
  if (!estimator.isAtLeast(0, 24)) return
  const values = block.kind === 'sparse' ? block.values : toMatrix(block).data
  if (values.some((value) => value < 0))
    throw refusal(`Negative values in data passed to ${estimator.name}.`)
}
