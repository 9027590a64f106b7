import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { toMatrix } from '../frames/to-matrix.ts'
import { isStoredArray, storedArray } from '../numpy/array.ts'
import { classOf, isConstructed, type Pickled } from '../pickled.ts'
import { Attributes, unsupported } from './attributes.ts'
import { classifier } from './classifier.ts'
import type { Compiler } from './fitted.ts'
import { requireWidth } from './linear-algebra.ts'
import { NearestHeap } from './nearest-heap.ts'
import { readNeighborTree, type NearestRows, type Reduced } from './neighbor-tree.ts'
import { smallest } from './partition.ts'
import { readSparse } from './sparse-file.ts'

/** KNeighborsClassifier: shares of the classes among the nearest rows. */
export const kNeighborsClassifier: Compiler = (estimator) => {
  const classes = estimator.classes()
  const search = readSearch(estimator)
  const labels = estimator.numbers('_y')
  const proba = (block: Block): Matrix => {
    const found = search(block)
    const out = matrix(block.rows, classes.length)
    found.forEach((neighbors, r) => {
      const total = neighbors.reduce((sum, { weight }) => sum + weight, 0)
      for (const { row, weight } of neighbors) {
        out.data[r * classes.length + labels[row]!]! += weight / (total === 0 ? 1 : total)
      }
    })
    return out
  }
  return classifier(estimator, classes, proba)
}

export const kNeighborsRegressor: Compiler = (estimator) => {
  const search = readSearch(estimator)
  const { shape, data } = estimator.array('_y')
  if (shape.length > 1 && shape[1] !== 1) throw unsupported(estimator, 'with several outputs')
  return {
    name: estimator.name,
    predict: (block) =>
      Float64Array.from(search(block), (neighbors) => {
        const total = neighbors.reduce((sum, { weight }) => sum + weight, 0)
        return neighbors.reduce((sum, { row, weight }) => sum + weight * data[row]!, 0) / total
      }),
  }
}

type Neighbor = Readonly<{ row: number; weight: number }>
type Search = (block: Block) => Neighbor[][]

/** Uses the file's tree where it has one, else looks through all rows. */
function readSearch(estimator: Attributes): Search {
  const rows = trainingRows(estimator)
  const count = estimator.number('n_neighbors', 5)
  const isByDistance = estimator.get('weights') === 'distance'
  if (!isByDistance && (estimator.get('weights') ?? 'uniform') !== 'uniform') {
    throw unsupported(estimator, 'with custom weights')
  }
  const metric = metricOf(estimator, rows.columns)
  const inTree =
    metric.power === undefined
      ? undefined
      : readNeighborTree(estimator.get('_tree'), rows, {
          power: metric.power,
          between: metric.reduced,
        })
  const find = inTree ?? scan(rows, metric)
  const partition = partitioned(rows, metric)
  const isPartitioned = partitions(estimator, metric)
  return (block) => {
    requireWidth(block, rows.columns, estimator.name)
    const x = toMatrix(block)
    return Array.from({ length: x.rows }, (_, r) => {
      const xAt = r * x.columns
      if (inTree === undefined && isPartitioned(x.data.subarray(xAt, xAt + x.columns))) {
        const { found, distances } = partition(x.data, xAt, count)
        return weighted(found, distances, isByDistance)
      }
      const found = find(x.data, xAt, count)
      const distances = found.map((row) =>
        metric.root(metric.reduced(x.data, xAt, rows.data, row * rows.columns)),
      )
      return weighted(found, distances, isByDistance)
    })
  }
}

/** The nearest rows by looking at all of them; of equals the earlier ones. */
const scan =
  (rows: Matrix, metric: Metric): NearestRows =>
  (x, xAt, count) => {
    const heap = new NearestHeap(count)
    for (let s = 0; s < rows.rows; s++) {
      heap.push(metric.reduced(x, xAt, rows.data, s * rows.columns), s)
    }
    return heap.rows()
  }

/**
 * Which searches without a tree go through all distances and `argpartition`: those of whole
 * numbers, those by cosine, all before 1.1, and in sparse data those for a row of zeros.
 */
function partitions(estimator: Attributes, metric: Metric): (row: Float64Array) => boolean {
  const value = estimator.get('_fit_X')
  const isSparse = isConstructed(value) && classOf(value)?.name.startsWith('cs') === true
  const isWhole = isSparse
    ? hasWholeNumbers(new Attributes(value).get('data'))
    : hasWholeNumbers(value)
  if (isWhole || metric.power === undefined || !estimator.isAtLeast(1, 1)) return () => true
  return (row) => isSparse && row.every((x) => x === 0)
}

const hasWholeNumbers = (value: Pickled | undefined): boolean =>
  isStoredArray(value) && ['i', 'u', 'b'].includes(storedArray(value).dtype.kind)

/** All distances as scikit-learn's matrix formulas compute them, and the smallest of these. */
function partitioned(rows: Matrix, metric: Metric) {
  const width = rows.columns
  const products = (x: Float64Array, xAt: number, y: Float64Array): Float64Array =>
    Float64Array.from({ length: rows.rows }, (_, s) => dot(x, xAt, y, s * width, width))
  const squares = Float64Array.from({ length: rows.rows }, (_, s) =>
    dot(rows.data, s * width, rows.data, s * width, width),
  )
  const unitRows = metric.power === undefined ? rows.data.slice() : rows.data
  if (metric.power === undefined)
    squares.forEach((square, s) => scale(unitRows, s * width, width, square))
  const reduced = (x: Float64Array, xAt: number): Float64Array => {
    const xx = dot(x, xAt, x, xAt, width)
    if (metric.power === undefined) {
      const unit = x.slice(xAt, xAt + width)
      scale(unit, 0, width, xx)
      return products(unit, 0, unitRows).map((product) => Math.min(2, Math.max(0, 1 - product)))
    }
    if (metric.power === 2) {
      return products(x, xAt, rows.data).map((product, s) =>
        Math.max(0, -2 * product + xx + squares[s]!),
      )
    }
    return squares.map((_, s) => metric.reduced(x, xAt, rows.data, s * width))
  }
  return (x: Float64Array, xAt: number, count: number) => {
    const all = reduced(x, xAt)
    const found = smallest(all, Math.min(count, rows.rows))
    return { found, distances: found.map((row) => metric.root(all[row]!)) }
  }
}

/** To length one; a row of zeros stays. */
function scale(data: Float64Array, at: number, width: number, square: number): void {
  const length = square === 0 ? 1 : Math.sqrt(square)
  for (let c = at; c < at + width; c++) data[c]! /= length
}

function dot(x: Float64Array, xAt: number, y: Float64Array, yAt: number, width: number): number {
  let sum = 0
  for (let c = 0; c < width; c++) sum += x[xAt + c]! * y[yAt + c]!
  return sum
}

function trainingRows(estimator: Attributes): Matrix {
  const value = estimator.get('_fit_X')
  if (isConstructed(value) && classOf(value)?.name.startsWith('cs') === true)
    return toMatrix(readSparse(value), 'any')
  const { rows, columns, data } = estimator.rows('_fit_X')
  return matrix(rows, columns, data)
}

/** By distance a neighbor weighs 1/d; those at distance zero leave the others no say. */
function weighted(
  rows: readonly number[],
  distances: readonly number[],
  isByDistance: boolean,
): Neighbor[] {
  if (!isByDistance) return rows.map((row) => ({ row, weight: 1 }))
  const hasZero = distances.includes(0)
  return rows.map((row, i) => {
    const d = distances[i]!
    return { row, weight: hasZero ? Number(d === 0) : 1 / d }
  })
}

/** A distance, and the cheaper number that puts rows in the same order. */
type Metric = Readonly<{
  reduced: Reduced['between']
  root: (reduced: number) => number
  /** Minkowski's exponent; undefined for other metrics. */
  power: number | undefined
}>

function metricOf(estimator: Attributes, width: number): Metric {
  const name = estimator.text('effective_metric_', estimator.text('metric', 'minkowski'))
  if (name === 'cosine') return { reduced: cosine(width), root: (d) => d, power: undefined }
  const power = powerOf(estimator, name)
  if (power === undefined) throw unsupported(estimator, `with the metric ${name}`)
  return { reduced: minkowski(width, power), root: rootOf(power), power }
}

const rootOf =
  (power: number) =>
  (reduced: number): number => {
    if (power === 1 || power === Infinity) return reduced
    return power === 2 ? Math.sqrt(reduced) : reduced ** (1 / power)
  }

function minkowski(width: number, power: number): Reduced['between'] {
  if (power === Infinity) return largestDifference(width)
  if (power === 2) return squares(width)
  return (x, xAt, y, yAt) => {
    let sum = 0
    for (let c = 0; c < width; c++) {
      const difference = Math.abs(x[xAt + c]! - y[yAt + c]!)
      sum += power === 1 ? difference : difference ** power
    }
    return sum
  }
}

const squares =
  (width: number): Reduced['between'] =>
  (x, xAt, y, yAt) => {
    let sum = 0
    for (let c = 0; c < width; c++) {
      const difference = x[xAt + c]! - y[yAt + c]!
      sum += difference * difference
    }
    return sum
  }

const largestDifference =
  (width: number): Reduced['between'] =>
  (x, xAt, y, yAt) => {
    let largest = 0
    for (let c = 0; c < width; c++) {
      largest = Math.max(largest, Math.abs(x[xAt + c]! - y[yAt + c]!))
    }
    return largest
  }

/** Minkowski's exponent by the name of the metric. */
function powerOf(estimator: Attributes, metric: string): number | undefined {
  if (metric === 'minkowski') {
    const parameters = estimator.get('effective_metric_params_')
    const p = parameters instanceof Map ? parameters.get('p') : undefined
    return typeof p === 'number' ? p : estimator.number('p', 2)
  }
  return { euclidean: 2, l2: 2, manhattan: 1, l1: 1, cityblock: 1, chebyshev: Infinity }[metric]
}

function cosine(width: number): Reduced['between'] {
  return (x, xAt, y, yAt) => {
    let [dot, xx, yy] = [0, 0, 0]
    for (let c = 0; c < width; c++) {
      dot += x[xAt + c]! * y[yAt + c]!
      xx += x[xAt + c]! ** 2
      yy += y[yAt + c]! ** 2
    }
    const lengths = (xx === 0 ? 1 : Math.sqrt(xx)) * (yy === 0 ? 1 : Math.sqrt(yy))
    return Math.min(2, Math.max(0, 1 - dot / lengths))
  }
}
