import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { toMatrix } from '../frames/to-matrix.ts'
import { classOf, isMade } from '../pickle/values.ts'
import { Attributes, unsupported } from './attributes.ts'
import type { Compiler } from './fitted.ts'
import { argmaxRows, requireWidth } from './linear-algebra.ts'
import { readSparse } from './sparse-file.ts'

/** KNeighborsClassifier: shares of the classes among the nearest rows. */
export const neighboursClassifier: Compiler = (estimator) => {
  const classes = estimator.classes()
  const search = readSearch(estimator)
  const labels = estimator.numbers('_y')
  const proba = (block: Block): Matrix => {
    const found = search(block)
    const out = matrix(block.rows, classes.length)
    found.forEach((neighbours, r) => {
      const total = neighbours.reduce((sum, { weight }) => sum + weight, 0)
      for (const { row, weight } of neighbours) {
        out.data[r * classes.length + labels[row]!]! += weight / (total === 0 ? 1 : total)
      }
    })
    return out
  }
  return { name: estimator.name, classes, proba, predict: (block) => argmaxRows(proba(block)) }
}

export const neighboursRegressor: Compiler = (estimator) => {
  const search = readSearch(estimator)
  const { shape, data } = estimator.array('_y')
  if (shape.length > 1 && shape[1] !== 1) throw unsupported(estimator, 'with several outputs')
  return {
    name: estimator.name,
    predict: (block) =>
      Float64Array.from(search(block), (neighbours) => {
        const total = neighbours.reduce((sum, { weight }) => sum + weight, 0)
        return neighbours.reduce((sum, { row, weight }) => sum + weight * data[row]!, 0) / total
      }),
  }
}

type Neighbour = Readonly<{ row: number; weight: number }>
type Search = (block: Block) => Neighbour[][]

/** Looks through all rows: the trees in the file would only be faster, not different. */
function readSearch(estimator: Attributes): Search {
  const rows = trainingRows(estimator)
  const count = estimator.number('n_neighbors', 5)
  const isByDistance = estimator.get('weights') === 'distance'
  if (!isByDistance && (estimator.get('weights') ?? 'uniform') !== 'uniform') {
    throw unsupported(estimator, 'with weights of its own')
  }
  const distance = distanceOf(estimator, rows.columns)
  return (block) => {
    requireWidth(block, rows.columns, estimator.name)
    const x = toMatrix(block)
    return Array.from({ length: x.rows }, (_, r) => {
      const distances = new Float64Array(rows.rows)
      for (let s = 0; s < rows.rows; s++) {
        distances[s] = distance(x.data, r * x.columns, rows.data, s * rows.columns)
      }
      return weighted(nearest(distances, count), distances, isByDistance)
    })
  }
}

function trainingRows(estimator: Attributes): Matrix {
  const value = estimator.get('_fit_X')
  if (isMade(value) && /^cs/.test(classOf(value)?.name ?? '')) return toMatrix(readSparse(value), 'any')
  const { rows, columns, data } = estimator.rows('_fit_X')
  return matrix(rows, columns, data)
}

/** Indices of the `count` smallest distances; of equals the earlier row. */
function nearest(distances: Float64Array, count: number): number[] {
  const best: number[] = []
  for (let s = 0; s < distances.length; s++) {
    if (best.length === count && distances[s]! >= distances[best[count - 1]!]!) continue
    let place = best.length
    while (place > 0 && distances[best[place - 1]!]! > distances[s]!) place--
    best.splice(place, 0, s)
    if (best.length > count) best.pop()
  }
  return best
}

/** By distance a neighbour weighs 1/d; those at distance zero leave the others no say. */
function weighted(rows: number[], distances: Float64Array, isByDistance: boolean): Neighbour[] {
  if (!isByDistance) return rows.map((row) => ({ row, weight: 1 }))
  const hasZero = rows.some((row) => distances[row] === 0)
  return rows.map((row) => {
    const d = distances[row]!
    return { row, weight: hasZero ? Number(d === 0) : 1 / d }
  })
}

type Distance = (x: Float64Array, xAt: number, y: Float64Array, yAt: number) => number

function distanceOf(estimator: Attributes, width: number): Distance {
  const metric = estimator.text('effective_metric_', estimator.text('metric', 'minkowski'))
  if (metric === 'cosine') return cosine(width)
  const power = powerOf(estimator, metric)
  if (power === undefined) throw unsupported(estimator, `with the metric ${metric}`)
  if (power === Infinity) {
    return (x, xAt, y, yAt) => {
      let largest = 0
      for (let c = 0; c < width; c++) largest = Math.max(largest, Math.abs(x[xAt + c]! - y[yAt + c]!))
      return largest
    }
  }
  if (power === 2) {
    return (x, xAt, y, yAt) => {
      let sum = 0
      for (let c = 0; c < width; c++) sum += (x[xAt + c]! - y[yAt + c]!) ** 2
      return Math.sqrt(sum)
    }
  }
  return (x, xAt, y, yAt) => {
    let sum = 0
    for (let c = 0; c < width; c++) sum += Math.abs(x[xAt + c]! - y[yAt + c]!) ** power
    return sum ** (1 / power)
  }
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

function cosine(width: number): Distance {
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
