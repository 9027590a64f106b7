import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { keyOf, type Cell } from '../frames/cell.ts'
import { numberOf, scalarOf } from '../numpy/array.ts'
import { unsupported, type Attributes } from './attributes.ts'
import { classifier } from './classifier.ts'
import type { Compiler } from './fitted.ts'

/** GridSearchCV and RandomizedSearchCV answer as the best model they found. */
export const searchCV: Compiler = (estimator, build) => {
  if (!estimator.has('best_estimator_')) throw unsupported(estimator, 'without refit')
  const best = build.compile(estimator.get('best_estimator_'))
  return { ...best, name: estimator.name, parts: [best] }
}

/** FrozenEstimator: the model inside. */
export const frozenEstimator: Compiler = (estimator, build) =>
  build.compile(estimator.get('estimator'))

/** RANSACRegressor: the model of the rows that agreed. */
export const ransacRegressor: Compiler = (estimator, build) => {
  const model = build.compile(estimator.get('estimator_'))
  return { name: estimator.name, parts: [model], predict: model.predict! }
}

/** A classifier that says yes from another threshold than a half. */
export const fixedThresholdClassifier: Compiler = (estimator, build) => {
  const model = build.compile(estimator.get('estimator_', 'estimator'))
  const { proba, decision, classes } = model
  if (classes?.length !== 2) throw unsupported(estimator, 'of other than two classes')
  const method = estimator.text('response_method', 'auto')
  const isProba = method === 'predict_proba' || (method === 'auto' && proba !== undefined)
  const scores = isProba ? proba : decision
  if (scores === undefined) throw unsupported(estimator, `on ${method} of ${model.name}`)
  const given = estimator.get('best_threshold_', 'threshold')
  const threshold = given === 'auto' ? (isProba ? 0.5 : 0) : numberOf(given)
  const second = estimator.get('pos_label') ?? null
  if (second !== null && keyOf(second as Cell) !== keyOf(classes[1]!)) {
    throw unsupported(estimator, 'with the first class as positive')
  }
  // Not a copy of the model: what a pipeline shares between its answers would pass the threshold by.
  return {
    name: estimator.name,
    parts: [model],
    classes,
    ...(proba === undefined ? {} : { proba }),
    ...(decision === undefined ? {} : { decision }),
    ...(isProba ? { threshold } : {}),
    ...(model.knownValues === undefined ? {} : { knownValues: model.knownValues }),
    predict: (block) => {
      const { rows, columns, data } = scores(block)
      return Float64Array.from({ length: rows }, (_, r) =>
        data[(r + 1) * columns - 1]! >= threshold ? 1 : 0,
      )
    },
  }
}

/** DummyClassifier: the same answer for everyone. */
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
  return classifier(estimator, classes, proba)
}

function dummyRow(estimator: Attributes, strategy: string, size: number): number[] {
  const prior = [...estimator.numbers('class_prior_')]
  if (strategy === 'prior') return prior
  if (strategy === 'most_frequent') {
    const most = prior.indexOf(Math.max(...prior))
    return Array.from({ length: size }, (_, k) => Number(k === most))
  }
  if (strategy === 'constant') {
    const wanted = keyOf(scalarOf(estimator.get('constant') ?? null) as Cell)
    return estimator.classes().map((label) => Number(keyOf(label) === wanted))
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
