import type { CsrMatrix } from './ratings.ts'

/** What a half step of alternating least squares minimizes. */
export type AlsOptions = Readonly<{
  rank: number
  lambda: number
  /** Undefined: values are ratings. A number: values are counts of views, this is their weight. */
  alpha: number | undefined
}>

/** The rows of one side, to be solved for given factors of the other side. */
export type HalfProblem = Readonly<{
  /** The ratings of each row to solve, compressed sparse rows; columns are rows of `fixed`. */
  ratings: CsrMatrix
  /** Factors of the other side, row-major, (number of columns) × rank. */
  fixed: Float32Array
  /** Factors that are written, row-major, (number of rows) × rank. */
  solved: Float32Array
  /** FᵀF of `fixed` as a packed lower triangle for implicit values; else all zeros. */
  gram: Float64Array
  options: AlsOptions
}>

/**
 * Solves the least-squares problem of rows `from` (inclusive) to `to`: their factors, given the
 * factors of the other side. Rows are independent of each other, so any split gives equal bits.
 *
 * Explicit: (Σ y yᵀ + λ n I) x = Σ r y. Implicit: (YᵀY + Σ (c−1) y yᵀ + λ n⁺ I) x = Σ c y over the
 * positive ones, c = 1 + α|r| (Hu, Koren, Volinsky 2008; a negative value is a preference of 0).
 */
export function solveRows(problem: HalfProblem, from: number, to: number): void {
  const { solved, gram } = problem
  const { rank, lambda } = problem.options
  const { starts } = problem.ratings
  const equations = equationsOf(rank)
  for (let row = from; row < to; row++) {
    equations.matrix.set(gram)
    equations.right.fill(0)
    const end = starts[row + 1]!
    let counted = 0
    for (let at = starts[row]!; at < end; at += BLOCK) {
      const length = Math.min(BLOCK, end - at)
      counted += weigh(equations, problem, at, length)
      if (length === BLOCK) addBlock(equations, problem, at)
      else addTail(equations, problem, at, length)
    }
    addDiagonal(equations, lambda * counted)
    solveCholesky(equations)
    solved.set(equations.right, row * rank)
  }
}

/** The normal equations of one row, and what the block at hand contributes. Used again for each row. */
type Equations = Readonly<{
  rank: number
  /** rank × rank, symmetric, as a packed lower triangle: cell (i, j ≤ i) at i (i + 1) / 2 + j. */
  matrix: Float64Array
  /** Length rank; becomes the solution. */
  right: Float64Array
  /** Length `BLOCK`: the weight of each rating in the matrix. */
  weights: Float64Array
  /** Length `BLOCK`: the weight of each rating in the right side. */
  targets: Float64Array
}>

const equationsOf = (rank: number): Equations => ({
  rank,
  matrix: new Float64Array((rank * (rank + 1)) / 2),
  right: new Float64Array(rank),
  weights: new Float64Array(BLOCK),
  targets: new Float64Array(BLOCK),
})

// The compiler cannot see array bounds; asserting them costs nothing, a `?? 0` at each of the
// billions of reads below would.

/**
 * Ratings that are added to the matrix together: each cell is then loaded and stored once for eight
 * of them, which is most of this kernel's speed.
 */
const BLOCK = 8

/** Fills the weight and the right side of each rating; gives how many count for regularization. */
function weigh(
  { weights, targets }: Equations,
  { ratings: { values }, options: { alpha } }: HalfProblem,
  at: number,
  length: number,
): number {
  let counted = 0
  for (let n = 0; n < length; n++) {
    const value = values[at + n]!
    if (alpha === undefined) {
      weights[n] = 1
      targets[n] = value
      counted += 1
    } else {
      const extra = alpha * Math.abs(value)
      weights[n] = extra
      targets[n] = value > 0 ? 1 + extra : 0
      counted += value > 0 ? 1 : 0
    }
  }
  return counted
}

/** Adds the ratings from `at` on, as many as a block has. */
function addBlock(
  { rank, matrix, right, weights, targets }: Equations,
  { fixed, ratings: { columns } }: HalfProblem,
  at: number,
): void {
  const o0 = columns[at]! * rank
  const o1 = columns[at + 1]! * rank
  const o2 = columns[at + 2]! * rank
  const o3 = columns[at + 3]! * rank
  const o4 = columns[at + 4]! * rank
  const o5 = columns[at + 5]! * rank
  const o6 = columns[at + 6]! * rank
  const o7 = columns[at + 7]! * rank
  const [w0, w1, w2, w3] = [weights[0]!, weights[1]!, weights[2]!, weights[3]!]
  const [w4, w5, w6, w7] = [weights[4]!, weights[5]!, weights[6]!, weights[7]!]
  const [t0, t1, t2, t3] = [targets[0]!, targets[1]!, targets[2]!, targets[3]!]
  const [t4, t5, t6, t7] = [targets[4]!, targets[5]!, targets[6]!, targets[7]!]
  let cell = 0
  for (let i = 0; i < rank; i++) {
    let y0 = fixed[o0 + i]!
    let y1 = fixed[o1 + i]!
    let y2 = fixed[o2 + i]!
    let y3 = fixed[o3 + i]!
    let y4 = fixed[o4 + i]!
    let y5 = fixed[o5 + i]!
    let y6 = fixed[o6 + i]!
    let y7 = fixed[o7 + i]!
    right[i] =
      right[i]! + t0 * y0 + t1 * y1 + t2 * y2 + t3 * y3 + t4 * y4 + t5 * y5 + t6 * y6 + t7 * y7
    y0 *= w0
    y1 *= w1
    y2 *= w2
    y3 *= w3
    y4 *= w4
    y5 *= w5
    y6 *= w6
    y7 *= w7
    for (let j = 0; j <= i; j++) {
      matrix[cell] =
        matrix[cell]! +
        y0 * fixed[o0 + j]! +
        y1 * fixed[o1 + j]! +
        y2 * fixed[o2 + j]! +
        y3 * fixed[o3 + j]! +
        y4 * fixed[o4 + j]! +
        y5 * fixed[o5 + j]! +
        y6 * fixed[o6 + j]! +
        y7 * fixed[o7 + j]!
      cell += 1
    }
  }
}

/** Adds fewer ratings than a block has. */
function addTail(
  { rank, matrix, right, weights, targets }: Equations,
  { fixed, ratings: { columns } }: HalfProblem,
  at: number,
  length: number,
): void {
  for (let n = 0; n < length; n++) {
    const offset = columns[at + n]! * rank
    const weight = weights[n]!
    const target = targets[n]!
    let cell = 0
    for (let i = 0; i < rank; i++) {
      const y = fixed[offset + i]!
      right[i] = right[i]! + target * y
      const weighted = weight * y
      for (let j = 0; j <= i; j++) {
        matrix[cell] = matrix[cell]! + weighted * fixed[offset + j]!
        cell += 1
      }
    }
  }
}

function addDiagonal({ rank, matrix }: Equations, value: number): void {
  for (let i = 0, cell = 0; i < rank; i++, cell += i + 1) matrix[cell] = matrix[cell]! + value
}

/** Solves in place: `right` becomes the solution, the matrix its Cholesky factor. */
function solveCholesky({ rank, matrix, right }: Equations): void {
  for (let i = 0, rowAt = 0; i < rank; rowAt += ++i) {
    for (let j = 0, otherAt = 0; j <= i; otherAt += ++j) {
      let sum = matrix[rowAt + j]!
      for (let k = 0; k < j; k++) sum -= matrix[rowAt + k]! * matrix[otherAt + k]!
      // Without regularization a row may be underdetermined: the floor keeps its factors finite.
      if (i === j) matrix[rowAt + i] = Math.sqrt(Math.max(sum, PIVOT_MIN))
      else matrix[rowAt + j] = sum / matrix[otherAt + j]!
    }
    let value = right[i]!
    for (let k = 0; k < i; k++) value -= matrix[rowAt + k]! * right[k]!
    right[i] = value / matrix[rowAt + i]!
  }
  for (let i = rank - 1; i >= 0; i--) {
    const diagonal = matrix[(i * (i + 1)) / 2 + i]!
    let value = right[i]!
    for (let k = i + 1; k < rank; k++) value -= matrix[(k * (k + 1)) / 2 + i]! * right[k]!
    right[i] = value / diagonal
  }
}

const PIVOT_MIN = 1e-10

/**
 * FᵀF as a packed lower triangle, of length rank (rank + 1) / 2.
 *
 * @param factors row-major, any number of rows × rank
 */
export function gramOf(factors: Float32Array, rank: number): Float64Array {
  const gram = new Float64Array((rank * (rank + 1)) / 2)
  for (let offset = 0; offset < factors.length; offset += rank) {
    let cell = 0
    for (let i = 0; i < rank; i++) {
      const y = factors[offset + i]!
      for (let j = 0; j <= i; j++) {
        gram[cell] = gram[cell]! + y * factors[offset + j]!
        cell += 1
      }
    }
  }
  return gram
}
