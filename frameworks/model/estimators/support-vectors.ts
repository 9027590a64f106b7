import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { toMatrix } from '../frames/to-matrix.ts'
import { classOf, isConstructed } from '../pickled.ts'
import { readSparse } from './sparse-file.ts'
import { unsupported, type Attributes } from './attributes.ts'
import type { Compiler } from './fitted.ts'
import { argmaxRows, requireWidth } from './linear-algebra.ts'
import { coupled, pairProbability } from './pair-coupling.ts'

/** SVC and NuSVC: a decision for each pair of classes. */
export const svc: Compiler = (estimator) => {
  const classes = estimator.classes()
  const machine = readMachine(estimator)
  const counts = [...estimator.numbers('_n_support', 'n_support_')]
  const pairs = (block: Block): Matrix => pairDecisions(machine, kernels(machine, block), counts)
  const probA = estimator.numbersOrNone('_probA') ?? estimator.numbersOrNone('probA_')
  const probB = estimator.numbersOrNone('_probB') ?? estimator.numbersOrNone('probB_')
  const pairCount = (classes.length * (classes.length - 1)) / 2
  const hasProba = estimator.flag('probability', false) && (probA?.length ?? 0) > 0
  if (hasProba && (probA?.length !== pairCount || probB?.length !== pairCount)) {
    throw estimator.missing('_probA')
  }
  requireSound(estimator, machine, counts, classes.length)
  const decision = (block: Block): Matrix => oneAgainstRest(pairs(block), classes.length)
  const breaksTies = estimator.flag('break_ties', false) && classes.length > 2
  return {
    name: estimator.name,
    classes,
    decision,
    predict: (block) =>
      breaksTies ? argmaxRows(decision(block)) : argmaxRows(votesOf(pairs(block), classes.length)),
    ...(hasProba
      ? { proba: (block: Block) => coupledRows(pairs(block), classes.length, probA!, probB!) }
      : {}),
    sizes: { supportVectors: machine.vectors.rows },
  }
}

/** Sizes that must agree, or sums would run past their arrays. */
function requireSound(
  estimator: Attributes,
  { dual, intercept, vectors }: Machine,
  counts: readonly number[],
  classes: number,
): void {
  const isSound =
    counts.length === classes &&
    counts.reduce((sum, count) => sum + count, 0) === vectors.rows &&
    dual.length === (classes - 1) * vectors.rows &&
    intercept.length === (classes * (classes - 1)) / 2
  if (!isSound) throw estimator.missing('_dual_coef_')
}

/** SVR and NuSVR. */
export const svr: Compiler = (estimator) => {
  const machine = readMachine(estimator)
  return {
    name: estimator.name,
    predict: (block) => {
      const k = kernels(machine, block)
      return Float64Array.from({ length: k.rows }, (_, r) => {
        let sum = machine.intercept[0]!
        for (let s = 0; s < k.columns; s++) sum += machine.dual[s]! * k.data[r * k.columns + s]!
        return sum
      })
    },
    sizes: { supportVectors: machine.vectors.rows },
  }
}

type Machine = Readonly<{
  name: string
  vectors: Matrix
  /** One row less than there are classes; a column a support vector. */
  dual: Float64Array
  intercept: Float64Array
  kernel: (x: Float64Array, xAt: number, s: Float64Array, sAt: number) => number
}>

/** The underscored attributes: the public ones have their sign turned for two classes. */
function readMachine(estimator: Attributes): Machine {
  const raw = estimator.get('support_vectors_')
  const dual = estimator.get('_dual_coef_')
  const isSparse = isConstructed(raw) && /^cs[rc]_/.test(classOf(raw)?.name ?? '')
  const rows = isSparse ? undefined : estimator.rows('support_vectors_')
  const vectors =
    rows === undefined
      ? toMatrix(readSparse(raw), 'any')
      : matrix(rows.rows, rows.columns, rows.data)
  const isSparseDual = isConstructed(dual) && /^cs[rc]_/.test(classOf(dual)?.name ?? '')
  return {
    name: estimator.name,
    vectors,
    dual: isSparseDual
      ? toMatrix(readSparse(dual), 'any').data
      : estimator.numbers('_dual_coef_', 'dual_coef_'),
    intercept: estimator.numbers('_intercept_', 'intercept_'),
    kernel: kernelOf(estimator, vectors.columns),
  }
}

function kernelOf(estimator: Attributes, width: number): Machine['kernel'] {
  const name = estimator.text('kernel', 'rbf')
  const gamma = estimator.number('_gamma', 0)
  const shift = estimator.number('coef0', 0)
  const degree = estimator.number('degree', 3)
  const dot: Machine['kernel'] = (x, xAt, s, sAt) => {
    let sum = 0
    for (let c = 0; c < width; c++) sum += x[xAt + c]! * s[sAt + c]!
    return sum
  }
  if (name === 'linear') return dot
  if (name === 'poly') return (x, xAt, s, sAt) => (gamma * dot(x, xAt, s, sAt) + shift) ** degree
  if (name === 'sigmoid') {
    return (x, xAt, s, sAt) => Math.tanh(gamma * dot(x, xAt, s, sAt) + shift)
  }
  if (name !== 'rbf') throw unsupported(estimator, `with the kernel ${name}`)
  return (x, xAt, s, sAt) => {
    let sum = 0
    for (let c = 0; c < width; c++) sum += (x[xAt + c]! - s[sAt + c]!) ** 2
    return Math.exp(-gamma * sum)
  }
}

/** Rows × support vectors. */
function kernels({ vectors, kernel, name }: Machine, block: Block): Matrix {
  requireWidth(block, vectors.columns, name)
  const x = toMatrix(block)
  const out = matrix(x.rows, vectors.rows)
  for (let r = 0; r < x.rows; r++) {
    for (let s = 0; s < vectors.rows; s++) {
      out.data[r * vectors.rows + s] = kernel(x.data, r * x.columns, vectors.data, s * x.columns)
    }
  }
  return out
}

/** Positive for the first class of the pair; pairs in the order 0-1, 0-2, …, 1-2, … */
function pairDecisions(machine: Machine, k: Matrix, counts: readonly number[]): Matrix {
  const starts = counts.map((_, i) => counts.slice(0, i).reduce((sum, n) => sum + n, 0))
  const total = k.columns
  const pairCount = (counts.length * (counts.length - 1)) / 2
  const out = matrix(k.rows, pairCount)
  for (let r = 0, at = 0; r < k.rows; r++) {
    const partial = (dualRow: number, of: number): number => {
      let sum = 0
      for (let s = starts[of]!; s < starts[of]! + counts[of]!; s++) {
        sum += machine.dual[dualRow * total + s]! * k.data[r * total + s]!
      }
      return sum
    }
    for (let i = 0, p = 0; i < counts.length; i++) {
      for (let j = i + 1; j < counts.length; j++, p++) {
        out.data[at++] = partial(j - 1, i) + partial(i, j) + machine.intercept[p]!
      }
    }
  }
  return out
}

function votesOf(pairs: Matrix, classes: number): Matrix {
  const out = matrix(pairs.rows, classes)
  eachPair(pairs, classes, (r, i, j, d) => (out.data[r * classes + (d > 0 ? i : j)]! += 1))
  return out
}

/** For two classes the decision for the second; else votes, with confidences to tell equals apart. */
function oneAgainstRest(pairs: Matrix, classes: number): Matrix {
  if (classes === 2)
    return matrix(
      pairs.rows,
      1,
      pairs.data.map((d) => -d),
    )
  const votes = matrix(pairs.rows, classes)
  const confidence = matrix(pairs.rows, classes)
  eachPair(pairs, classes, (r, i, j, d) => {
    votes.data[r * classes + (d < 0 ? j : i)]! += 1
    confidence.data[r * classes + i]! += d
    confidence.data[r * classes + j]! -= d
  })
  votes.data.forEach((_, at) => {
    const sum = confidence.data[at]!
    votes.data[at]! += sum / (3 * (Math.abs(sum) + 1))
  })
  return votes
}

function coupledRows(pairs: Matrix, classes: number, a: Float64Array, b: Float64Array): Matrix {
  const out = matrix(pairs.rows, classes)
  const r = matrix(classes, classes)
  for (let row = 0; row < pairs.rows; row++) {
    eachPair(rowOf(pairs, row), classes, (_, i, j, d, p) => {
      const probability = pairProbability(d, a[p]!, b[p]!)
      r.data[i * classes + j] = probability
      r.data[j * classes + i] = 1 - probability
    })
    out.data.set(coupled(r), row * classes)
  }
  return out
}

const rowOf = ({ columns, data }: Matrix, row: number): Matrix =>
  matrix(1, columns, data.subarray(row * columns, (row + 1) * columns))

function eachPair(
  pairs: Matrix,
  classes: number,
  visit: (row: number, i: number, j: number, decision: number, pair: number) => void,
): void {
  for (let r = 0; r < pairs.rows; r++) {
    for (let i = 0, p = 0; i < classes; i++) {
      for (let j = i + 1; j < classes; j++, p++) {
        visit(r, i, j, pairs.data[r * pairs.columns + p]!, p)
      }
    }
  }
}
