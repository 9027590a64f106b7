import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { LabeledPoint } from '../../algorithms/naive-bayes.ts'
import { predictRandomForest, trainRandomForest } from '../../algorithms/random-forest.ts'
import { withMeans } from '../../algorithms/synthetic-features.ts'
import { splitFolds } from '../../dase/folds.ts'

/** Heroku's data: 213 events of 212 customers; the later event of a customer wins. */
const EVENTS = join(import.meta.dirname, '../../fixtures/data/service-plan-events.json')
type Usage = {
  voice_usage: number
  data_usage: number
  text_usage: number
  service_plan: number
}
const customers = new Map(
  readFileSync(EVENTS, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { entityId: string; properties: Usage })
    .map(({ entityId, properties }) => [entityId, properties]),
)
const points = [...customers.values()].map(
  ({ voice_usage, data_usage, text_usage, service_plan }): LabeledPoint => ({
    label: service_plan,
    features: [voice_usage, data_usage, text_usage],
  }),
)
const params = {
  numClasses: 8,
  numTrees: 34,
  featureSubsetStrategy: 'auto',
  impurity: 'gini',
  maxDepth: 4,
  maxBins: 100,
} as const

const PLANS: readonly (readonly [usage: readonly number[], plan: number])[] = [
  [[12, 0, 4], 0],
  [[480, 0, 121], 1],
  [[25, 1000, 80], 2],
  [[5, 80, 1000], 3],
  [[450, 1104, 43], 4],
  [[24, 770, 482], 5],
  [[450, 80, 332], 6],
  [[450, 432, 390], 7],
]

for (const seed of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
  test(`a forest with seed ${seed} knows the plan of all eight kinds of customers`, () => {
    const forest = trainRandomForest(points, { ...params, seed })

    const plans = PLANS.map(([usage]) => predictRandomForest(forest, usage))

    assert.deepEqual(
      plans,
      PLANS.map(([, plan]) => plan),
    )
  })
}

test('of five folds the forest knows about 92 % of the customers', () => {
  const hits = splitFolds(points, 5).flatMap(({ training, testing }) => {
    const forest = trainRandomForest(training, { ...params, seed: 1 })
    return testing.filter(({ label, features }) => predictRandomForest(forest, features) === label)
  })

  const accuracy = hits.length / points.length
  assert.ok(accuracy > 0.88 && accuracy < 0.97, String(accuracy))
})

test('means of the features are added in the order of the original', () => {
  assert.deepEqual(withMeans([1000, 10, 10]), [1000, 10, 10, 505, 10, 505, 340])
})
