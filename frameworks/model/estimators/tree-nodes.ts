import { problem } from '../problems.ts'
import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { refusal } from '../frames/refusal.ts'
import { toMatrix } from '../frames/to-matrix.ts'
import { numberArray, numberOf } from '../numpy/array.ts'
import { readRecords, type Records } from '../numpy/records.ts'
import { classOf, isConstructed, type Constructed, type Pickled } from '../pickled.ts'

/**
 * A binary tree over float32 columns. Arrays have one element a node; a leaf has the left child -1.
 */
export type Tree = Readonly<{
  features: number
  left: Int32Array
  right: Int32Array
  feature: Int32Array
  threshold: Float64Array
  /** Where NaN goes, since 1.3; undefined in older files, which refuse NaN. */
  missingLeft: Uint8Array | undefined
  /** Row-major, nodes × width: class weights or a mean. */
  values: Float64Array
  width: number
  importances: () => Float64Array
}>

/** The `tree_` of a fitted decision tree. */
export function readTree(estimatorState: Pickled | undefined): Tree {
  if (!isConstructed(estimatorState) || classOf(estimatorState)?.name !== 'Tree') {
    throw problem('model_invalid', 'A decision tree has no tree_: is the model fitted?')
  }
  const state = estimatorState.state
  if (!(state instanceof Map)) throw problem('model_invalid', 'A decision tree has no nodes.')
  const nodes = readRecords(state.get('nodes'))
  const features = numberOf(estimatorState.args[0])
  const tree = {
    features,
    left: new Int32Array(nodes.column('left_child')),
    right: new Int32Array(nodes.column('right_child')),
    feature: new Int32Array(nodes.column('feature')),
    threshold: nodes.column('threshold'),
    missingLeft: nodes.has('missing_go_to_left')
      ? new Uint8Array(nodes.column('missing_go_to_left'))
      : undefined,
  }
  checkNodes(tree.left, tree.right, tree.feature, features)
  return { ...tree, ...readValues(state, nodes.length), importances: () => weigh(nodes, features) }
}

function readValues(
  state: Constructed['state'],
  nodes: number,
): { values: Float64Array; width: number } {
  const { shape, data } = numberArray(state instanceof Map ? state.get('values') : undefined)
  if (shape[0] !== nodes || nodes === 0) throw problem('model_invalid', 'A tree lacks values.')
  if (shape[1] !== 1)
    throw problem('model_unsupported', 'Trees with several outputs are not supported.')
  return { values: data, width: shape[2] ?? 1 }
}

/** Children come after their parents in every real file; a file that says otherwise could loop. */
export function checkNodes(
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  feature: ArrayLike<number>,
  features: number,
): void {
  const count = left.length
  for (let node = 0; node < count; node++) {
    if (left[node]! < 0) continue
    const isForward =
      left[node]! > node && right[node]! > node && left[node]! < count && right[node]! < count
    if (!isForward || feature[node]! < 0 || feature[node]! >= features) {
      throw problem('model_invalid', `Node ${node} of a tree points outside the tree.`)
    }
  }
}

/**
 * Rows as trees see them: rounded to float32, which decides which side of a threshold they fall.
 * Ensembles ask many trees for the same rows: they are rounded once.
 *
 * @throws Problem for NaN unless allowed, and for numbers that float32 cannot hold
 */
export function toSingle(block: Block, allowsNaN: boolean): Matrix {
  const known = allowsNaN ? roundedWithNaN : rounded
  let single = known.get(block)
  if (single === undefined) known.set(block, (single = round(block, allowsNaN)))
  return single
}

const rounded = new WeakMap<Block, Matrix>()
const roundedWithNaN = new WeakMap<Block, Matrix>()

function round(block: Block, allowsNaN: boolean): Matrix {
  const x = toMatrix(block, allowsNaN ? 'nan' : 'finite')
  const out = matrix(x.rows, x.columns)
  for (let i = 0; i < x.data.length; i++) {
    const single = Math.fround(x.data[i]!)
    if (single === Infinity || single === -Infinity) {
      throw refusal('Input contains a value too large for float32.')
    }
    out.data[i] = single
  }
  return out
}

/** The leaf that a row of float32 numbers falls into; the row starts at `offset`. */
export function leafOf(tree: Tree, data: Float64Array, offset: number): number {
  const { left, right, feature, threshold, missingLeft } = tree
  let node = 0
  let next = left[0]!
  while (next >= 0) {
    const value = data[offset + feature[node]!]!
    if (value <= threshold[node]!) node = next
    else if (value === value || missingLeft === undefined) node = right[node]!
    else node = missingLeft[node] === 1 ? next : right[node]!
    next = left[node]!
  }
  return node
}

/** How much impurity each feature removes, by the weight of the whole tree. */
function weigh(nodes: Records, features: number): Float64Array {
  const [left, right, feature] = ['left_child', 'right_child', 'feature'].map(nodes.column)
  const [impurity, weight] = ['impurity', 'weighted_n_node_samples'].map(nodes.column)
  const out = new Float64Array(features)
  const mass = (node: number): number => weight![node]! * impurity![node]!
  for (let node = 0; node < nodes.length; node++) {
    if (left![node]! < 0) continue
    out[feature![node]!]! += mass(node) - mass(left![node]!) - mass(right![node]!)
  }
  return out.map((value) => value / weight![0]!)
}
