import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { isMade } from '../pickle/values.ts'
import { Attributes, unsupported } from './attributes.ts'
import type { Compiler } from './fitted.ts'
import { argmaxRows } from './linear-algebra.ts'
import { ufuncOf } from './ufuncs.ts'

/** GridSearchCV and RandomizedSearchCV answer as the best model they found. */
export const search: Compiler = (estimator, build) => {
  if (!estimator.has('best_estimator_')) throw unsupported(estimator, 'without refit')
  const best = build.compile(estimator.get('best_estimator_'))
  return { ...best, name: estimator.name, parts: [best] }
}

/** FrozenEstimator: the model inside. */
export const frozen: Compiler = (estimator, build) => build.compile(estimator.get('estimator'))

/** TransformedTargetRegressor: the regressor's answer, mapped back. */
export const transformedTarget: Compiler = (estimator, build) => {
  const regressor = build.compile(estimator.get('regressor_'))
  const transformer = estimator.get('transformer_')
  if (!isMade(transformer)) throw estimator.missing('transformer_')
  const attributes = new Attributes(transformer)
  if (attributes.name !== 'FunctionTransformer') {
    throw unsupported(estimator, `with a ${attributes.name}`)
  }
  const inverse = ufuncOf(attributes.get('inverse_func'))
  if (inverse === undefined) throw unsupported(estimator, 'with a function of its own')
  return {
    name: estimator.name,
    predict: (block) => regressor.predict!(block).map(inverse),
    parts: [regressor],
  }
}

/** DummyClassifier: the same answer for everybody. */
export const dummyClassifier: Compiler = (estimator) => {
  const classes = estimator.classes()
  const strategy = estimator.text('strategy', 'prior')
  const row = dummyRow(estimator, strategy, classes.length)
  const proba = (block: Block): Matrix =>
    matrix(
      block.rows,
      row.length,
      Float64Array.from({ length: block.rows * row.length }, (_, i) => row[i % row.length]!),
    )
  return {
    name: estimator.name,
    classes,
    proba,
    predict: (block) => argmaxRows(proba(block)),
    isArgmax: true,
  }
}

function dummyRow(estimator: Attributes, strategy: string, size: number): number[] {
  const prior = [...estimator.numbers('class_prior_')]
  if (strategy === 'prior') return prior
  if (strategy === 'most_frequent') {
    const most = prior.indexOf(Math.max(...prior))
    return Array.from({ length: size }, (_, k) => Number(k === most))
  }
  throw unsupported(estimator, `with the strategy ${strategy}`)
}

export const dummyRegressor: Compiler = (estimator) => {
  const constant = estimator.numbers('constant_')
  if (constant.length !== 1) throw unsupported(estimator, 'with several outputs')
  return {
    name: estimator.name,
    predict: (block) => new Float64Array(block.rows).fill(constant[0]!),
  }
}
