import type { Factors } from '../../frameworks/engine/algorithms/als.ts'
import { createRandom, normal } from '../../frameworks/engine/algorithms/random.ts'
import type { Ratings, CsrMatrix } from '../../frameworks/engine/algorithms/ratings.ts'

type Params = Readonly<{ rank: number; iterations: number; lambda: number; seed: number }>

/** ALS as a textbook has it: one rating at a time into a full matrix, plain Cholesky. The peer. */
export async function trainNaiveAls(ratings: Ratings, params: Params): Promise<Factors> {
  const random = createRandom(params.seed)
  const users = unitRows(ratings.users.length, params.rank, random)
  const items = unitRows(ratings.items.length, params.rank, random)
  for (let iteration = 0; iteration < params.iterations; iteration++) {
    solve(ratings.byItem, users, items, params)
    solve(ratings.byUser, items, users, params)
  }
  return { rank: params.rank, users, items }
}

function unitRows(count: number, rank: number, random: () => number): Float32Array {
  const factors = new Float32Array(count * rank)
  for (let row = 0; row < count; row++) {
    const values = Array.from({ length: rank }, () => normal(random))
    const length = Math.hypot(...values)
    values.forEach((value, at) => (factors[row * rank + at] = value / length))
  }
  return factors
}

function solve(rows: CsrMatrix, fixed: Float32Array, solved: Float32Array, params: Params): void {
  const { rank, lambda } = params
  const matrix = new Float64Array(rank * rank)
  const right = new Float64Array(rank)
  for (let row = 0; row + 1 < rows.starts.length; row++) {
    matrix.fill(0)
    right.fill(0)
    const [from, to] = [rows.starts[row]!, rows.starts[row + 1]!]
    for (let at = from; at < to; at++) {
      const offset = rows.columns[at]! * rank
      for (let i = 0; i < rank; i++) {
        const y = fixed[offset + i]!
        right[i]! += rows.values[at]! * y
        for (let j = 0; j <= i; j++) matrix[i * rank + j]! += y * fixed[offset + j]!
      }
    }
    for (let i = 0; i < rank; i++) matrix[i * rank + i]! += lambda * (to - from)
    cholesky(matrix, right, rank)
    solved.set(right, row * rank)
  }
}

function cholesky(matrix: Float64Array, right: Float64Array, rank: number): void {
  for (let i = 0; i < rank; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * rank + j]!
      for (let k = 0; k < j; k++) sum -= matrix[i * rank + k]! * matrix[j * rank + k]!
      matrix[i * rank + j] = i === j ? Math.sqrt(sum) : sum / matrix[j * rank + j]!
    }
  }
  for (let i = 0; i < rank; i++) {
    for (let k = 0; k < i; k++) right[i]! -= matrix[i * rank + k]! * right[k]!
    right[i]! /= matrix[i * rank + i]!
  }
  for (let i = rank - 1; i >= 0; i--) {
    for (let k = i + 1; k < rank; k++) right[i]! -= matrix[k * rank + i]! * right[k]!
    right[i]! /= matrix[i * rank + i]!
  }
}
