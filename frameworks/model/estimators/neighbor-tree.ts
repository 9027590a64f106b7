import type { Matrix } from '../frames/block.ts'
import { numberArray } from '../numpy/array.ts'
import { readRecords } from '../numpy/records.ts'
import { classOf, isConstructed, type Pickled } from '../pickled.ts'
import { NearestHeap } from './nearest-heap.ts'

/** Reduced distances: Minkowski's sum before the root is taken, or the largest difference. */
export type Reduced = Readonly<{
  power: number
  between: (x: Float64Array, xAt: number, y: Float64Array, yAt: number) => number
}>

/** Finds the `count` nearest rows of a point; returns their indices. */
export type NearestRows = (x: Float64Array, xAt: number, count: number) => number[]

/**
 * The search of scikit-learn's KDTree, node by node. A plain scan finds the same distances, but
 * where several rows are equally far only this order decides which of them count.
 *
 * @returns undefined if the file holds no such tree: then rows are scanned in order
 */
export function readNeighborTree(
  value: Pickled | undefined,
  rows: Matrix,
  reduced: Reduced,
): NearestRows | undefined {
  if (!isConstructed(value) || !Array.isArray(value.state)) return undefined
  const of = value.args[0]
  if (classOf(value)?.name !== 'newObj' || !nameOf(of).startsWith('KDTree')) return undefined
  const [, order, nodes, bounds] = value.state
  const records = readRecords(nodes)
  const tree: NeighborTree = {
    order: new Int32Array(numberArray(order).data),
    start: new Int32Array(records.column('idx_start')),
    end: new Int32Array(records.column('idx_end')),
    isLeaf: new Uint8Array(records.column('is_leaf')),
    bounds: numberArray(bounds).data,
    rows,
    reduced,
  }
  return isSound(tree) ? (x, xAt, count) => nearestInTree(tree, x, xAt, count) : undefined
}

type NeighborTree = Readonly<{
  order: Int32Array
  start: Int32Array
  end: Int32Array
  isLeaf: Uint8Array
  /** Row-major, 2 × nodes × columns: the lower bounds of all nodes, then the upper ones. */
  bounds: Float64Array
  rows: Matrix
  reduced: Reduced
}>

const nameOf = (value: Pickled | undefined): string =>
  typeof value === 'object' && value !== null && 'name' in value ? String(value.name) : ''

function isSound({ order, start, end, isLeaf, bounds, rows }: NeighborTree): boolean {
  const nodes = isLeaf.length
  return (
    order.length === rows.rows &&
    order.every((row) => row >= 0 && row < rows.rows) &&
    bounds.length === 2 * nodes * rows.columns &&
    isLeaf.every((flag, node) => flag === 1 || 2 * node + 2 < nodes) &&
    start.every((at, node) => at >= 0 && at <= end[node]! && end[node]! <= order.length)
  )
}

function nearestInTree(tree: NeighborTree, x: Float64Array, xAt: number, count: number): number[] {
  const heap = new NearestHeap(count)
  const visit = (node: number, least: number): void => {
    if (least > heap.largest) return
    if (tree.isLeaf[node] === 1) {
      visitLeaf(tree, node, x, xAt, heap)
      return
    }
    const [left, right] = [2 * node + 1, 2 * node + 2]
    const [toLeft, toRight] = [leastOf(tree, left, x, xAt), leastOf(tree, right, x, xAt)]
    const closerFirst = toLeft <= toRight
    visit(closerFirst ? left : right, closerFirst ? toLeft : toRight)
    visit(closerFirst ? right : left, closerFirst ? toRight : toLeft)
  }
  visit(0, leastOf(tree, 0, x, xAt))
  return heap.rows()
}

function visitLeaf(
  tree: NeighborTree,
  node: number,
  x: Float64Array,
  xAt: number,
  heap: NearestHeap,
): void {
  const { order, rows, reduced } = tree
  for (let at = tree.start[node]!; at < tree.end[node]!; at++) {
    const row = order[at]!
    heap.push(reduced.between(x, xAt, rows.data, row * rows.columns), row)
  }
}

/** The smallest reduced distance that any row of a node can have. */
function leastOf(tree: NeighborTree, node: number, x: Float64Array, xAt: number): number {
  const { columns } = tree.rows
  const { power } = tree.reduced
  const low = node * columns
  const high = low + tree.bounds.length / 2
  let sum = 0
  for (let c = 0; c < columns; c++) {
    const value = x[xAt + c]!
    const outside =
      Math.max(0, tree.bounds[low + c]! - value) + Math.max(0, value - tree.bounds[high + c]!)
    if (power === Infinity) sum = Math.max(sum, outside)
    else sum += power === 2 ? outside * outside : outside ** power
  }
  return sum
}
