import assert from 'node:assert/strict'
import { test } from 'node:test'
import { binFeatures } from './feature-bins.ts'
import { predictLogisticRegression, trainLogisticRegression } from './logistic-regression.ts'
import { type LabeledPoint, predictNaiveBayes, trainNaiveBayes } from './naive-bayes.ts'
import { type ForestParams, predictRandomForest, trainRandomForest } from './random-forest.ts'
import { createRandom, normal, poissonOne } from './random.ts'

const point = (label: number, ...features: number[]): LabeledPoint => ({ label, features })

/** Three clouds around (0, 0), (5, 0) and (0, 5). */
function clouds(seed: number): LabeledPoint[] {
  const random = createRandom(seed)
  return Array.from({ length: 300 }, (_, n) => {
    const label = n % 3
    return point(
      label,
      (label === 1 ? 5 : 0) + normal(random),
      (label === 2 ? 5 : 0) + normal(random),
      7,
    )
  })
}
const accuracy = (predict: (features: readonly number[]) => number) => {
  const points = clouds(2)
  return points.filter(({ label, features }) => predict(features) === label).length / points.length
}

const forest: ForestParams = {
  numClasses: 3,
  numTrees: 10,
  featureSubsetStrategy: 'auto',
  impurity: 'gini',
  maxDepth: 4,
  maxBins: 32,
  seed: 1,
}

test('naive Bayes has the priors and likelihoods of the formula', () => {
  const model = trainNaiveBayes([point(0, 1, 0), point(0, 2, 1), point(1, 0, 3)], 1)

  assert.deepEqual(model.labels, [0, 1])
  assert.ok(Math.abs((model.priors[0] ?? 0) - Math.log(3 / 5)) < 1e-12)
  assert.ok(Math.abs((model.likelihoods[0]?.[0] ?? 0) - Math.log(4 / 6)) < 1e-12)
  assert.ok(Math.abs((model.likelihoods[1]?.[1] ?? 0) - Math.log(4 / 5)) < 1e-12)
  assert.equal(predictNaiveBayes(model, [5, 0]), 0)
  assert.equal(predictNaiveBayes(model, [0, 5]), 1)
})

test('naive Bayes refuses negative features', () => {
  assert.throws(
    () => trainNaiveBayes([point(0, -1)], 1),
    /^RangeError: Naive Bayes requires nonnegative feature values$/,
  )
})

for (const impurity of ['gini', 'entropy'] as const) {
  for (const featureSubsetStrategy of ['auto', 'all', 'sqrt', 'log2', 'onethird'] as const) {
    test(`a forest by ${impurity} on ${featureSubsetStrategy} features separates clouds`, () => {
      const model = trainRandomForest(clouds(1), { ...forest, impurity, featureSubsetStrategy })

      assert.ok(accuracy((features) => predictRandomForest(model, features)) > 0.95)
    })
  }
}

test('a forest is the same for the same seed', () => {
  assert.deepEqual(trainRandomForest(clouds(1), forest), trainRandomForest(clouds(1), forest))
})

test('a single tree of depth 0 says the most frequent label', () => {
  const model = trainRandomForest([point(0, 1), point(2, 2), point(2, 3), point(2, 4)], {
    ...forest,
    numTrees: 1,
    maxDepth: 0,
  })

  assert.equal(predictRandomForest(model, [1]), 2)
})

test('a forest refuses a label beyond its classes, by name', () => {
  assert.throws(() => trainRandomForest([point(3, 1)], forest), /cannot learn the label 3/)
})

test('few values are cut between each other, many at quantiles', () => {
  const few = binFeatures([point(0, 1), point(0, 3), point(0, 3), point(0, 9)], 10)
  const many = binFeatures(
    Array.from({ length: 1000 }, (_, n) => point(0, n)),
    10,
  )

  assert.deepEqual(few.thresholds, [[2, 6]])
  assert.deepEqual([...(few.bins[0] ?? [])], [0, 1, 1, 2])
  assert.equal(many.thresholds[0]?.length, 9)
  const sizes = Map.groupBy(many.bins[0] ?? [], (bin) => bin)
  assert.ok([...sizes.values()].every((bin) => bin.length === 100))
})

test('logistic regression separates clouds and leaves constant features alone', () => {
  const params = { regParam: 0.001, maxIter: 100, tolerance: 1e-6 }

  const model = trainLogisticRegression(clouds(1), params)

  assert.ok(accuracy((features) => predictLogisticRegression(model, features)) > 0.95)
  assert.deepEqual(
    model.weights.map((weights) => weights[2]),
    [0, 0, 0],
  )
})

test('without regularization the mean of the predicted shares is that of the labels', () => {
  // A property of the maximum-likelihood solution, which a wrong gradient would miss.
  const points = [point(0, 1), point(0, 2), point(1, 2), point(1, 3), point(0, 3), point(1, 1.5)]
  const { weights } = trainLogisticRegression(points, {
    regParam: 0,
    maxIter: 200,
    tolerance: 1e-12,
  })
  const share = ({ features }: LabeledPoint) => {
    const [zero = 0, one = 0] = weights.map(([w = 0, b = 0]) =>
      Math.exp(w * (features[0] ?? 0) + b),
    )
    return one / (zero + one)
  }

  const mean = points.reduce((sum, one) => sum + share(one), 0) / points.length

  assert.ok(Math.abs(mean - 0.5) < 1e-4, String(mean))
})

test('Poisson draws have mean and variance 1', () => {
  const random = createRandom(5)
  const draws = Array.from({ length: 20_000 }, () => poissonOne(random))
  const mean = draws.reduce((a, b) => a + b) / draws.length
  const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length

  assert.ok(Math.abs(mean - 1) < 0.03 && Math.abs(variance - 1) < 0.05, `${mean} ${variance}`)
})
