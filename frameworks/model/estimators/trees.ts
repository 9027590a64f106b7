import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { Attributes, unsupported } from './attributes.ts'
import { classifier } from './classifier.ts'
import type { Compiler, Fitted } from './fitted.ts'
import { requireWidth } from './linear-algebra.ts'
import { isConstructed, type Pickled } from '../pickled.ts'
import { leafOf, readTree, toSingle, type Tree } from './tree-nodes.ts'

/** DecisionTreeClassifier and ExtraTreeClassifier: the class shares of the leaf. */
export const decisionTreeClassifier: Compiler = (estimator) => ({
  ...treeEnsembleClassifier(estimator, [readTree(estimator.get('tree_'))], allowsNaN(estimator)),
  sizes: {},
})

/** DecisionTreeRegressor and ExtraTreeRegressor: the mean of the leaf. */
export const decisionTreeRegressor: Compiler = (estimator) =>
  treeEnsembleRegressor(estimator, [readTree(estimator.get('tree_'))], allowsNaN(estimator))

/** RandomForest and ExtraTrees: the mean of the trees' class shares. */
export const randomForestClassifier: Compiler = (estimator) =>
  treeEnsembleClassifier(estimator, readTrees(estimator), forestAllowsNaN(estimator))

export const randomForestRegressor: Compiler = (estimator) =>
  treeEnsembleRegressor(estimator, readTrees(estimator), forestAllowsNaN(estimator))

function readTrees(estimator: Attributes): Tree[] {
  return estimator
    .list('estimators_')
    .map((tree) => readTree(attributesOf(estimator, tree).get('tree_')))
}

function attributesOf(estimator: Attributes, part: Pickled | undefined): Attributes {
  if (!isConstructed(part)) throw estimator.missing('estimators_')
  return new Attributes(part)
}

function treeEnsembleClassifier(
  estimator: Attributes,
  trees: readonly Tree[],
  acceptsNaN: boolean,
): Fitted {
  const classes = estimator.classes()
  const width = classes.length
  if (trees.some((tree) => tree.width !== width)) throw estimator.missing('classes_')
  for (const tree of trees) normalizeLeaves(tree)
  const proba = (block: Block): Matrix => {
    const sums = sumOfLeaves(block, trees, acceptsNaN, estimator.name)
    for (let i = 0; i < sums.data.length; i++) sums.data[i]! /= trees.length
    return sums
  }
  return classifier(estimator, classes, proba, {
    importances: () => meanImportances(trees),
    sizes: { trees: trees.length, nodes: countNodes(trees) },
  })
}

function treeEnsembleRegressor(
  estimator: Attributes,
  trees: readonly Tree[],
  acceptsNaN: boolean,
): Fitted {
  if (trees.some((tree) => tree.width !== 1)) throw unsupported(estimator, 'with several outputs')
  return {
    name: estimator.name,
    predict: (block) => {
      const sums = sumOfLeaves(block, trees, acceptsNaN, estimator.name).data
      return sums.map((sum) => sum / trees.length)
    },
    importances: () => meanImportances(trees),
    sizes: { trees: trees.length, nodes: countNodes(trees) },
  }
}

/** Tree by tree, so that one tree's nodes stay in the processor's cache for all rows. */
function sumOfLeaves(
  block: Block,
  trees: readonly Tree[],
  acceptsNaN: boolean,
  name: string,
): Matrix {
  requireWidth(block, trees[0]?.features ?? 0, name)
  const x = toSingle(block, acceptsNaN)
  const width = trees[0]?.width ?? 1
  const out = matrix(x.rows, width)
  for (const tree of trees) {
    for (let r = 0; r < x.rows; r++) {
      const leaf = leafOf(tree, x.data, r * x.columns) * width
      for (let k = 0; k < width; k++) out.data[r * width + k]! += tree.values[leaf + k]!
    }
  }
  return out
}

/** Counts before 1.3, shares since: the same after division by the sum. */
function normalizeLeaves({ values, width }: Tree): void {
  for (let at = 0; at < values.length; at += width) {
    let sum = 0
    for (let k = 0; k < width; k++) sum += values[at + k]!
    if (sum === 0) continue
    for (let k = 0; k < width; k++) values[at + k]! /= sum
  }
}

/** The mean of each tree's shares; trees of a single node have nothing to say. */
const meanImportances = (trees: readonly Tree[]): Float64Array =>
  sharesOf(sumOf(grown(trees).map((tree) => sharesOf(tree.importances()))))

/** Boosting adds what its trees remove before it takes shares. */
export const summedImportances = (trees: readonly Tree[]): Float64Array =>
  sharesOf(sumOf(grown(trees).map((tree) => tree.importances())))

const grown = (trees: readonly Tree[]): Tree[] => trees.filter((tree) => tree.left.length > 1)

function sumOf(rows: readonly Float64Array[]): Float64Array {
  const sums = new Float64Array(rows[0]?.length ?? 0)
  for (const row of rows) row.forEach((value, c) => (sums[c]! += value))
  return sums
}

function sharesOf(weights: Float64Array): Float64Array {
  const total = weights.reduce((sum, value) => sum + value, 0)
  return total > 0 ? weights.map((value) => value / total) : weights
}

const countNodes = (trees: readonly Tree[]): number =>
  trees.reduce((sum, tree) => sum + tree.left.length, 0)

/** Single trees take NaN since 1.3, those with random splits since 1.6, if nothing forbids it. */
function allowsNaN(estimator: Attributes): boolean {
  const isRandom = estimator.text('splitter', 'best') === 'random'
  return (
    estimator.isAtLeast(1, isRandom ? 6 : 3) &&
    !estimator.has('monotonic_cst') &&
    estimator.get('criterion') !== 'absolute_error'
  )
}

/** Forests since 1.4, those of random splits since 1.6. */
function forestAllowsNaN(estimator: Attributes): boolean {
  const first = estimator.list('estimators_')[0]
  return (
    estimator.isAtLeast(1, estimator.name.startsWith('Extra') ? 6 : 4) &&
    allowsNaN(attributesOf(estimator, first))
  )
}
