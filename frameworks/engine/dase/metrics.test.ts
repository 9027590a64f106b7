import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitFolds } from './folds.ts'
import {
  averageMetric,
  optionAverageMetric,
  optionStdevMetric,
  stdevMetric,
  sumMetric,
} from './metrics.ts'

const folds = (...values: number[][]) =>
  values.map((fold) => ({
    info: undefined,
    results: fold.map((value) => [value, 0, 0] as const),
  }))
const value = (query: number, _predicted: number, _actual: number) => query
const positive = (query: number, _predicted: number, _actual: number) =>
  query > 0 ? query : undefined

test('scores of all folds are pooled', () => {
  const results = folds([1, 2, 3], [4, 5, 6])

  assert.equal(averageMetric('a', value).calculate(results), 3.5)
  assert.equal(sumMetric('s', value).calculate(results), 21)
})

test('undefined scores do not count', () => {
  const results = folds([1, 2, 3], [-4, -5, 6])

  assert.equal(optionAverageMetric('o', positive).calculate(results), 3)
})

test('the deviation is that of the population', () => {
  const ones = [1, 1, 1, 1]

  assert.equal(stdevMetric('d', value).calculate(folds(ones, [5, 5, 5, 5])), 2)
  assert.equal(optionStdevMetric('d', positive).calculate(folds(ones, [5, 5, 5, 5, -5])), 2)
})

test('over nothing the mean is 0 and the deviation no number', () => {
  assert.equal(averageMetric('a', value).calculate([]), 0)
  assert.ok(Number.isNaN(stdevMetric('d', value).calculate([])))
})

test('folds are cut by index', () => {
  assert.deepEqual(splitFolds([0, 1, 2, 3, 4], 2), [
    { training: [1, 3], testing: [0, 2, 4] },
    { training: [0, 2, 4], testing: [1, 3] },
  ])
  assert.throws(() => splitFolds([1], 1), RangeError)
})
