import { matrix } from '../frames/block.ts'
import { toMatrix } from '../frames/to-matrix.ts'
import type { Attributes } from './attributes.ts'
import type { Compiler, Fitted } from './fitted.ts'
import { applyAffine, requireWidth, type Affine } from './linear-algebra.ts'

/** PCA: centered rows on the components, each divided by its spread if whitened. */
export const pca: Compiler = (estimator) => {
  const spread = estimator.flag('whiten', false)
    ? estimator.numbers('explained_variance_').map((v) => Math.max(Math.sqrt(v), Number.EPSILON))
    : undefined
  return centredProjection(estimator, spread)
}

/** FastICA: the same, its components are whitened already. */
export const fastICA: Compiler = (estimator) => centredProjection(estimator, undefined)

function centredProjection(estimator: Attributes, spread: Float64Array | undefined): Fitted {
  const components = estimator.rows('components_')
  const mean = estimator.numbersOrNone('mean_') ?? new Float64Array(components.columns)
  const map = projection(components)
  return {
    name: estimator.name,
    isSparse: false,
    transform: (block) => {
      requireWidth(block, components.columns, estimator.name)
      const x = toMatrix(block)
      const centered = matrix(
        x.rows,
        x.columns,
        x.data.map((value, at) => value - mean[at % x.columns]!),
      )
      const out = applyAffine(centered, map, estimator.name)
      if (spread !== undefined)
        out.data.forEach((_, at) => (out.data[at]! /= spread[at % out.columns]!))
      return out
    },
  }
}

/** TruncatedSVD: rows on the components, sparse or dense. */
export const truncatedSVD: Compiler = (estimator) => {
  const map = projection(estimator.rows('components_'))
  return {
    name: estimator.name,
    isSparse: false,
    transform: (block) => applyAffine(block, map, estimator.name),
  }
}

function projection(components: { rows: number; columns: number; data: Float64Array }): Affine {
  return {
    outputs: components.rows,
    inputs: components.columns,
    coef: components.data,
    intercept: new Float64Array(components.rows),
  }
}
