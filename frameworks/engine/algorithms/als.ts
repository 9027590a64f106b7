import { AlsThreads, type HalfStep, shareRows } from './als-threads.ts'
import { createRandom, normal } from './random.ts'
import { type Ratings, shared } from './ratings.ts'

/**
 * Factors of users and items, so that a user's liking of an item is their dot product.
 *
 * Both row-major: `users` is (number of users) × rank, `items` (number of items) × rank.
 */
export type Factors = Readonly<{ rank: number; users: Float32Array; items: Float32Array }>

export type AlsParams = Readonly<{
  rank: number
  iterations: number
  lambda: number
  seed: number
  /** For implicit values (counts of views); undefined for ratings. */
  alpha?: number | undefined
  /** Upper limit; small problems use one thread anyway. */
  threads: number
}>

export type AlsEffects = Readonly<{
  onIteration?: (done: number, total: number) => void
  signal?: AbortSignal
}>

/**
 * Factorizes ratings by alternating least squares with weighted-λ regularization, as MLlib does.
 *
 * The same ratings, parameters and seed give the same bits for any number of threads.
 */
export async function trainAls(
  ratings: Ratings,
  params: AlsParams,
  effects: AlsEffects = {},
): Promise<Factors> {
  const { rank, iterations, lambda, alpha } = params
  const random = createRandom(params.seed)
  const users = unitRows(ratings.users.length, rank, random)
  const items = unitRows(ratings.items.length, rank, random)
  const threads = threadsFor(ratings.byUser.columns.length, params)
  const options = { rank, lambda, alpha }
  const steps: HalfStep[] = [
    { ratings: ratings.byItem, fixed: users, solved: items, options },
    { ratings: ratings.byUser, fixed: items, solved: users, options },
  ].map((step) => ({ ...step, bounds: shareRows(step.ratings.starts, threads) }))
  await using team = new AlsThreads(steps, threads)
  for (let done = 1; done <= iterations; done++) {
    effects.signal?.throwIfAborted()
    await team.step()
    await team.step()
    effects.onIteration?.(done, iterations)
    await new Promise((resolve) => setImmediate(resolve))
  }
  // Models are stored and copied: they must not hold memory that threads share.
  return { rank, users: users.slice(), items: items.slice() }
}

/** Below this much work threads cost more than they save. */
const WORK_PER_THREADS = 5_000_000

function threadsFor(ratings: number, { rank, threads }: AlsParams): number {
  return ratings * rank >= WORK_PER_THREADS ? Math.max(1, threads) : 1
}

/** Normally distributed rows of length 1, count × rank, row-major, drawn in the order of the rows. */
function unitRows(count: number, rank: number, random: () => number): Float32Array {
  const factors = new Float32Array(shared(count * rank))
  for (let row = 0; row < count; row++) {
    const values = Array.from({ length: rank }, () => normal(random))
    const length = Math.hypot(...values) || 1
    values.forEach((value, at) => {
      factors[row * rank + at] = value / length
    })
  }
  return factors
}

/** Root of the mean squared difference between ratings and predictions. */
export function rootMeanSquareError({ byUser }: Ratings, { rank, users, items }: Factors): number {
  let sum = 0
  for (let user = 0; user + 1 < byUser.starts.length; user++) {
    for (let at = byUser.starts[user] ?? 0; at < (byUser.starts[user + 1] ?? 0); at++) {
      const item = (byUser.columns[at] ?? 0) * rank
      const predicted = dot(
        users.subarray(user * rank, (user + 1) * rank),
        items.subarray(item, item + rank),
      )
      sum += ((byUser.values[at] ?? 0) - predicted) ** 2
    }
  }
  return Math.sqrt(sum / byUser.values.length)
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}
