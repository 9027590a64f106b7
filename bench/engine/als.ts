import { table } from '@hokku/kit/command-line'
import { availableParallelism } from 'node:os'
import { rootMeanSquareError, trainAls } from '../../frameworks/engine/algorithms/als.ts'
import { createRandom, normal } from '../../frameworks/engine/algorithms/random.ts'
import { type Ratings, RatingsBuilder } from '../../frameworks/engine/algorithms/ratings.ts'
import { machine, milliseconds } from './machine.ts'
import { trainNaiveAls } from './naive-als.ts'

// node bench/engine/als.ts: a million synthetic ratings in the shape of MovieLens 1M.
const [USERS, ITEMS, RATINGS] = [6040, 3706, 1_000_000]
const params = { rank: 10, iterations: 5, lambda: 0.05, seed: 3 }

const ratings = synthetic()
const rows: string[][] = [
  [`${RATINGS.toLocaleString('en')} ratings, rank 10`, 'per iteration', 'RMSE'],
]

async function measure(
  name: string,
  train: () => Promise<Parameters<typeof rootMeanSquareError>[1]>,
): Promise<number> {
  const startedMs = performance.now()
  const factors = await train()
  const eachMs = (performance.now() - startedMs) / params.iterations
  rows.push([name, milliseconds(eachMs), rootMeanSquareError(ratings, factors).toFixed(4)])
  return eachMs
}

await trainAls(ratings, { ...params, iterations: 1, threads: 1 })
const naive = await measure('naive Cholesky', () => trainNaiveAls(ratings, params))
const alone = await measure('blocked, 1 thread', () => trainAls(ratings, { ...params, threads: 1 }))
const threads = availableParallelism()
const team = await measure(`blocked, ${threads} threads`, () =>
  trainAls(ratings, { ...params, threads }),
)

console.log(`${machine()}\n`)
console.log(table(rows))
console.log(
  `\nnaive / blocked: ${(naive / alone).toFixed(2)} on 1 thread, ${(naive / team).toFixed(2)} on ${threads}`,
)

/** Ratings of a rank-8 model with noise; popularity follows a power law. */
function synthetic(): Ratings {
  const random = createRandom(1)
  const factors = (count: number) =>
    Array.from({ length: count }, () => Array.from({ length: 8 }, () => normal(random) * 0.4))
  const [users, items] = [factors(USERS), factors(ITEMS)]
  const builder = new RatingsBuilder()
  for (let n = 0; n < RATINGS; n++) {
    const user = Math.floor(random() ** 1.5 * USERS)
    const item = Math.floor(random() ** 2.5 * ITEMS)
    const liking = (users[user] ?? []).reduce((sum, x, at) => sum + x * (items[item]?.[at] ?? 0), 0)
    builder.add(String(user), String(item), 3.5 + liking + normal(random) * 0.5)
  }
  return builder.build()
}
