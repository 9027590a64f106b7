import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowList } from '../pickle/allow-list.ts'
import { compileEstimator, SUPPORTED } from './registry.ts'
import { constructed } from '../pickled.ts'

test('every estimator that can be computed passes the reader, and nothing else of its module does', () => {
  const isAllowed = allowList(SUPPORTED)

  assert.deepEqual(
    SUPPORTED.filter((name) => !isAllowed('sklearn.anything._inside', name)),
    [],
  )
  assert.equal(isAllowed('sklearn.anything._inside', 'GaussianProcessClassifier'), false)
  assert.equal(isAllowed('evil.sklearn.pipeline', 'Pipeline'), false)
  assert.equal(isAllowed('sklearn.pipeline;os', 'Pipeline'), false)
})

test('an estimator that cannot be computed is refused by its name', () => {
  const unknown = constructed({ kind: 'global', module: 'sklearn.impute._knn', name: 'KNNImputer' })

  assert.throws(() => compileEstimator(unknown), /KNNImputer is not supported/)
})

test('an estimator that was never fitted is refused with what it lacks', () => {
  const unfitted = constructed({
    kind: 'global',
    module: 'sklearn.linear_model._base',
    name: 'Ridge',
  })
  unfitted.state = new Map()

  assert.throws(() => compileEstimator(unfitted), /Ridge has no usable coef_: is the model fitted/)
})
