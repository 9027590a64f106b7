/** A point to learn from. */
export type LabeledPoint = Readonly<{ label: number; features: readonly number[] }>

/** Logarithms: of the share of each label, and of the share of each feature within it. */
export type NaiveBayesModel = Readonly<{
  labels: readonly number[]
  priors: readonly number[]
  likelihoods: readonly (readonly number[])[]
}>

/**
 * Multinomial naive Bayes with additive smoothing: π = log(N_c + λ) − log(N + Cλ),
 * θ = log(S_cj + λ) − log(S_c + Dλ).
 *
 * @throws RangeError for a negative feature
 */
export function trainNaiveBayes(points: readonly LabeledPoint[], lambda: number): NaiveBayesModel {
  if (points.some(({ features }) => features.some((value) => !(value >= 0)))) {
    throw new RangeError('Naive Bayes requires nonnegative feature values')
  }
  const groups = Map.groupBy(points, ({ label }) => label)
  const labels = [...groups.keys()].toSorted((a, b) => a - b)
  const total = Math.log(points.length + labels.length * lambda)
  const groupOf = (label: number): readonly LabeledPoint[] => groups.get(label) ?? []
  return {
    labels,
    priors: labels.map((label) => Math.log(groupOf(label).length + lambda) - total),
    likelihoods: labels.map((label) => likelihoodsOf(groupOf(label), lambda)),
  }
}

function likelihoodsOf(points: readonly LabeledPoint[], lambda: number): number[] {
  const sums = (points[0]?.features ?? []).map((_, at) =>
    points.reduce((sum, { features }) => sum + (features[at] ?? 0), 0),
  )
  const total = Math.log(sums.reduce((a, b) => a + b, 0) + sums.length * lambda)
  return sums.map((sum) => Math.log(sum + lambda) - total)
}

/** The label with the largest posterior; the lower one of equals. */
export function predictNaiveBayes(model: NaiveBayesModel, features: readonly number[]): number {
  const scores = model.labels.map((_, at) =>
    features.reduce(
      (sum, value, feature) => sum + value * (model.likelihoods[at]?.[feature] ?? 0),
      model.priors[at] ?? 0,
    ),
  )
  const best = scores.reduce((top, score, at) => (score > (scores[top] ?? 0) ? at : top), 0)
  return model.labels[best] ?? NaN
}
