import { problem } from '../problems.ts'
import { numberArray } from '../numpy/array.ts'
import { readRecords } from '../numpy/records.ts'
import { classOf, isConstructed, type Pickled } from '../pickled.ts'
import { Attributes, numbersOfList } from './attributes.ts'
import { checkNodes } from './tree-nodes.ts'

/** A tree of histogram boosting: splits at float64 thresholds or by sets of categories. */
export type HistogramTree = Readonly<{
  isLeaf: Uint8Array
  left: Int32Array
  right: Int32Array
  feature: Int32Array
  threshold: Float64Array
  missingLeft: Uint8Array
  value: Float64Array
  /** Index of the node's set of categories, -1 for numeric splits. */
  bitset: Int32Array
  /** Eight words of 32 categories each, a row a set. */
  leftSets: Float64Array
}>

/** Categories seen at fit, by feature; undefined for numeric features. */
export type KnownCategories = readonly (ReadonlySet<number> | undefined)[]

export function readHistogramTree(value: Pickled, features: number): HistogramTree {
  if (!isConstructed(value) || classOf(value)?.name !== 'TreePredictor') {
    throw problem('model_invalid', 'A histogram boosting has no usable _predictors.')
  }
  const attributes = new Attributes(value)
  const nodes = readRecords(attributes.get('nodes'))
  const isCategorical = nodes.has('is_categorical')
    ? nodes.column('is_categorical')
    : new Float64Array(nodes.length)
  const bitset = nodes.has('bitset_idx') ? nodes.column('bitset_idx') : isCategorical
  const isLeaf = new Uint8Array(nodes.column('is_leaf'))
  const tree = {
    isLeaf,
    left: new Int32Array(nodes.column('left')),
    right: new Int32Array(nodes.column('right')),
    feature: new Int32Array(nodes.column('feature_idx')),
    threshold: nodes.column(nodes.has('num_threshold') ? 'num_threshold' : 'threshold'),
    missingLeft: new Uint8Array(nodes.column('missing_go_to_left')),
    value: nodes.column('value'),
    bitset: Int32Array.from(bitset, (set, node) => (isCategorical[node] === 1 ? set : -1)),
    leftSets: readSets(attributes.get('raw_left_cat_bitsets')),
  }
  checkNodes(
    tree.left.map((child, node) => (isLeaf[node] === 1 ? -1 : child)),
    tree.right,
    tree.feature,
    features,
  )
  if (tree.bitset.some((set) => (set + 1) * WORDS > tree.leftSets.length)) {
    throw problem('model_invalid', 'A histogram boosting lacks a set of categories.')
  }
  return tree
}

const WORDS = 8

const readSets = (value: Pickled | undefined): Float64Array =>
  value === undefined || value === null ? new Float64Array(0) : numberArray(value).data

/** From the bin mapper: for each categorical feature the categories of the training data. */
export function readKnownCategories(mapper: Pickled | undefined): KnownCategories {
  if (!isConstructed(mapper)) return []
  const attributes = new Attributes(mapper)
  if (!attributes.has('is_categorical_')) return []
  const thresholds = attributes.list('bin_thresholds_')
  return Array.from(attributes.numbers('is_categorical_'), (flag, feature) =>
    flag === 1 ? new Set(numbersOfList(thresholds[feature] ?? [])) : undefined,
  )
}

/** The leaf's value for the row that starts at `offset`. */
export function histogramValue(
  tree: HistogramTree,
  data: Float64Array,
  offset: number,
  known: KnownCategories,
): number {
  const { isLeaf, left, right, feature, threshold, missingLeft, bitset } = tree
  let node = 0
  while (isLeaf[node] === 0) {
    const value = data[offset + feature[node]!]!
    let goesLeft: boolean
    if (Number.isNaN(value)) goesLeft = missingLeft[node] === 1
    else if (bitset[node]! < 0) goesLeft = value <= threshold[node]!
    else goesLeft = categoryGoesLeft(tree, node, value, known)
    node = goesLeft ? left[node]! : right[node]!
  }
  return tree.value[node]!
}

/** Categories that were not in the training data go where missing values go. */
function categoryGoesLeft(
  tree: HistogramTree,
  node: number,
  value: number,
  known: KnownCategories,
): boolean {
  const missing = tree.missingLeft[node] === 1
  if (value < 0) return missing
  const category = Math.trunc(value) & 0xff
  const word = tree.leftSets[tree.bitset[node]! * WORDS + (category >> 5)]!
  if (((word >>> (category & 31)) & 1) === 1) return true
  return known[tree.feature[node]!]?.has(category) === true ? false : missing
}
