import * as z from 'zod'
import { type Factors, trainAls } from '../../algorithms/als.ts'
import type { Ratings } from '../../algorithms/ratings.ts'
import type { TrainingContext } from '../../dase/context.ts'

/** Parameters of alternating least squares, as the templates have them. */
export const AlsParams = {
  rank: z.int().min(1).max(1000).default(10),
  numIterations: z.int().min(1).default(20),
  lambda: z.number().min(0).default(0.01),
  seed: z.int().default(3),
}
type AlsParams = Readonly<{ rank: number; numIterations: number; lambda: number; seed: number }>

/** Factorizes counts; confidence grows by 1 with each. */
export const trainImplicitAls = async (
  ratings: Ratings,
  { rank, numIterations, lambda, seed }: AlsParams,
  { threads, signal, progress }: TrainingContext,
): Promise<Factors> =>
  await trainAls(
    ratings,
    { rank, iterations: numIterations, lambda, seed, alpha: 1, threads },
    { signal, onIteration: (done, total) => progress('ALS iteration', done, total) },
  )

/**
 * Rows of length 1, so that a dot product is a cosine; rows of zeros stay.
 *
 * @param factors row-major, (number of rows) × rank
 */
export function unitRows(factors: Float32Array, rank: number): Float32Array {
  const unit = factors.slice()
  for (let start = 0; start < unit.length; start += rank) {
    const row = unit.subarray(start, start + rank)
    const length = Math.hypot(...row)
    if (length > 0) row.forEach((value, at) => (row[at] = value / length))
  }
  return unit
}

/** The sum of some rows, of length rank; undefined for no row. */
export function sumOfRows(
  factors: Float32Array,
  rank: number,
  rows: readonly number[],
): Float32Array | undefined {
  if (rows.length === 0) return undefined
  const sum = new Float32Array(rank)
  for (const row of rows) {
    for (let at = 0; at < rank; at++) sum[at] = (sum[at] ?? 0) + (factors[row * rank + at] ?? 0)
  }
  return sum
}
