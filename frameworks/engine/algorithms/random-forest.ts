import { type BinnedFeatures, binFeatures } from './feature-bins.ts'
import type { LabeledPoint } from './naive-bayes.ts'
import { createRandom, poissonOne, type Random, sample } from './random.ts'

export type ForestParams = Readonly<{
  /** Labels are 0 … numClasses − 1. */
  numClasses: number
  numTrees: number
  featureSubsetStrategy: 'auto' | 'all' | 'sqrt' | 'log2' | 'onethird'
  impurity: 'gini' | 'entropy'
  maxDepth: number
  maxBins: number
  seed: number
}>

/** A leaf says a label; a branch goes left where the feature is at most the threshold. */
export type TreeNode =
  | Readonly<{ label: number }>
  | Readonly<{ feature: number; threshold: number; left: TreeNode; right: TreeNode }>

export type ForestModel = Readonly<{ numClasses: number; trees: readonly TreeNode[] }>

/**
 * A random forest of classification trees, as MLlib grows them: each on a Poisson(1) bootstrap,
 * choosing among a random subset of the features at every node.
 *
 * @throws RangeError for a label outside 0 … numClasses − 1
 */
export function trainRandomForest(
  points: readonly LabeledPoint[],
  params: ForestParams,
): ForestModel {
  const wrong = points.find(({ label }) => !isLabel(label, params.numClasses))
  if (wrong !== undefined) {
    throw new RangeError(
      `Random forest with numClasses ${params.numClasses} cannot learn the label ${wrong.label}`,
    )
  }
  const features = binFeatures(points, params.maxBins)
  const labels = Int32Array.from(points, ({ label }) => label)
  const trees = Array.from({ length: params.numTrees }, (_, tree) => {
    // A seed for each tree: they could be grown in any order, or at once.
    const random = createRandom(params.seed * 1_000_003 + tree)
    return new Grower(features, labels, params, random).grow()
  })
  return { numClasses: params.numClasses, trees }
}

const isLabel = (label: number, numClasses: number): boolean =>
  Number.isInteger(label) && label >= 0 && label < numClasses

/** The label that most trees vote for; the lower one of equals. */
export function predictRandomForest(model: ForestModel, features: readonly number[]): number {
  const votes = zeros(model.numClasses)
  for (const tree of model.trees) {
    const label = leafOf(tree, features)
    votes[label] = (votes[label] ?? 0) + 1
  }
  return votes.indexOf(Math.max(...votes))
}

function leafOf(tree: TreeNode, features: readonly number[]): number {
  let node = tree
  while ('threshold' in node) {
    node = (features[node.feature] ?? 0) <= node.threshold ? node.left : node.right
  }
  return node.label
}

/** Bins up to `bin` go left; `threshold` is in the middle of the empty bins that follow. */
type Split = Readonly<{ feature: number; bin: number; threshold: number; gain: number }>

class Grower {
  readonly #features: BinnedFeatures
  readonly #labels: Int32Array
  readonly #params: ForestParams
  readonly #random: Random
  /** How often the bootstrap drew each point. */
  readonly #weights: Int32Array

  constructor(features: BinnedFeatures, labels: Int32Array, params: ForestParams, random: Random) {
    this.#features = features
    this.#labels = labels
    this.#params = params
    this.#random = random
    this.#weights = Int32Array.from(labels, () => poissonOne(random))
  }

  grow(): TreeNode {
    const drawn = Array.from(this.#weights.keys()).filter((at) => this.#weights[at] !== 0)
    return this.#node(Int32Array.from(drawn), 0)
  }

  #node(points: Int32Array, depth: number): TreeNode {
    const counts = this.#countLabels(points)
    const label = counts.indexOf(Math.max(...counts))
    const isPure = counts.filter((count) => count > 0).length <= 1
    if (isPure || depth >= this.#params.maxDepth) return { label }
    const split = this.#bestSplit(points, counts)
    if (split === undefined) return { label }
    const bins = this.#features.bins[split.feature] ?? NO_BINS
    return {
      feature: split.feature,
      threshold: split.threshold,
      left: this.#node(
        points.filter((point) => (bins[point] ?? 0) <= split.bin),
        depth + 1,
      ),
      right: this.#node(
        points.filter((point) => (bins[point] ?? 0) > split.bin),
        depth + 1,
      ),
    }
  }

  #countLabels(points: Int32Array): number[] {
    const counts = zeros(this.#params.numClasses)
    for (const point of points) {
      const label = this.#labels[point] ?? 0
      counts[label] = (counts[label] ?? 0) + (this.#weights[point] ?? 0)
    }
    return counts
  }

  /** The split that gains most, if any gains; the first of equals. */
  #bestSplit(points: Int32Array, counts: readonly number[]): Split | undefined {
    const dimension = this.#features.bins.length
    const subset = sample(this.#random, subsetSize(this.#params, dimension), dimension)
    return subset
      .flatMap((feature) => this.#bestSplitOf(feature, points, counts) ?? [])
      .reduce<Split | undefined>(
        (best, one) => (best === undefined || one.gain > best.gain ? one : best),
        undefined,
      )
  }

  #bestSplitOf(feature: number, points: Int32Array, counts: readonly number[]): Split | undefined {
    const { numClasses, impurity } = this.#params
    const thresholds = this.#features.thresholds[feature] ?? []
    const histogram = this.#histogram(feature, points, thresholds.length + 1)
    const measure = impurity === 'gini' ? gini : entropy
    const total = sumOf(counts)
    const whole = measure(counts, total)
    const left = zeros(numClasses)
    let best: Split | undefined
    for (let bin = 0; bin < thresholds.length; bin++) {
      for (let label = 0; label < numClasses; label++) {
        left[label] = (left[label] ?? 0) + (histogram[bin * numClasses + label] ?? 0)
      }
      const leftTotal = sumOf(left)
      const rightTotal = total - leftTotal
      if (leftTotal === 0 || rightTotal === 0) continue
      const right = counts.map((count, label) => count - (left[label] ?? 0))
      const gain =
        whole -
        (leftTotal / total) * measure(left, leftTotal) -
        (rightTotal / total) * measure(right, rightTotal)
      if (gain > (best?.gain ?? GAIN_MIN)) {
        const nextBin = firstOccupied(histogram, bin + 1, numClasses)
        const threshold = ((thresholds[bin] ?? NaN) + (thresholds[nextBin - 1] ?? NaN)) / 2
        best = { feature, bin, threshold, gain }
      }
    }
    return best
  }

  #histogram(feature: number, points: Int32Array, bins: number): Int32Array {
    const { numClasses } = this.#params
    const histogram = new Int32Array(bins * numClasses)
    const binOf = this.#features.bins[feature] ?? NO_BINS
    for (const point of points) {
      const cell = (binOf[point] ?? 0) * numClasses + (this.#labels[point] ?? 0)
      histogram[cell] = (histogram[cell] ?? 0) + (this.#weights[point] ?? 0)
    }
    return histogram
  }
}

/** The first bin from `from` on that holds points of the node. */
function firstOccupied(histogram: Int32Array, from: number, numClasses: number): number {
  const cell = histogram.findIndex((count, at) => count > 0 && at >= from * numClasses)
  return Math.floor(cell / numClasses)
}

const zeros = (length: number): number[] => Array.from({ length }, () => 0)

const NO_BINS = new Uint16Array()

/** Above the noise of the arithmetic: a split must gain something. */
const GAIN_MIN = 1e-12

function subsetSize({ featureSubsetStrategy, numTrees }: ForestParams, dimension: number): number {
  switch (featureSubsetStrategy) {
    case 'all':
      return dimension
    case 'log2':
      return Math.max(1, Math.ceil(Math.log2(dimension)))
    case 'onethird':
      return Math.max(1, Math.ceil(dimension / 3))
    case 'sqrt':
      return Math.ceil(Math.sqrt(dimension))
    case 'auto':
      return numTrees === 1 ? dimension : Math.ceil(Math.sqrt(dimension))
  }
}

const sumOf = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0)

const gini = (counts: readonly number[], total: number): number =>
  1 - counts.reduce((sum, count) => sum + (count / total) ** 2, 0)

const entropy = (counts: readonly number[], total: number): number =>
  counts.reduce(
    (sum, count) => (count === 0 ? sum : sum - (count / total) * Math.log2(count / total)),
    0,
  )
