import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rootMeanSquareError, trainAls } from './als.ts'
import { shareRows } from './als-threads.ts'
import { createRandom, normal } from './random.ts'
import { RatingsBuilder } from './ratings.ts'

/** Ratings that two hidden factors and a little noise make; popular items are rated more. */
function synthetic(users: number, items: number, each: number, seed = 1) {
  const random = createRandom(seed)
  const factors = (count: number) =>
    Array.from({ length: count }, () => [normal(random), normal(random)] as const)
  const [ofUsers, ofItems] = [factors(users), factors(items)]
  const builder = new RatingsBuilder()
  for (const [user, [a, b]] of ofUsers.entries()) {
    for (let n = 0; n < each; n++) {
      const item = Math.floor(random() ** 2 * items)
      const [c, d] = ofItems[item] ?? [0, 0]
      builder.add(`u${user}`, `i${item}`, 3 + a * c + b * d + 0.1 * normal(random))
    }
  }
  return builder.build()
}

const params = { rank: 4, iterations: 10, lambda: 0.01, seed: 3, threads: 1 }

test('training finds the factors that made the ratings', async () => {
  const ratings = synthetic(200, 60, 25)

  const rough = rootMeanSquareError(ratings, await trainAls(ratings, { ...params, iterations: 1 }))
  const fine = rootMeanSquareError(ratings, await trainAls(ratings, params))

  assert.ok(fine < 0.12, `RMSE ${fine}`)
  assert.ok(fine < rough)
})

test('equal seeds give equal bits, other seeds do not', async () => {
  const ratings = synthetic(50, 20, 10)

  const [one, same, other] = await Promise.all([
    trainAls(ratings, params),
    trainAls(ratings, params),
    trainAls(ratings, { ...params, seed: 4 }),
  ])

  assert.deepEqual(one, same)
  assert.notDeepEqual(one, other)
})

test('any number of threads gives the same bits', async () => {
  // Enough work that threads are really used: 200,000 ratings of rank 25.
  const ratings = synthetic(4000, 800, 50)
  const large = { ...params, rank: 25, iterations: 2 }

  const alone = await trainAls(ratings, { ...large, threads: 1 })
  const together = await trainAls(ratings, { ...large, threads: 3 })

  assert.deepEqual(alone, together)
})

test('one row is solved as a dense solver would', async () => {
  const builder = new RatingsBuilder()
  const values = [5, 3, 1, 4, 2, 5, 3, 1, 4, 2, 5]
  values.forEach((value, item) => builder.add('u', String(item), value))
  const ratings = builder.build()
  const lambda = 0.1

  const { users, items } = await trainAls(ratings, { ...params, rank: 2, lambda })

  // The normal equations must hold: (Σ y yᵀ + λ n I) x = Σ r y.
  const [x0 = 0, x1 = 0] = users
  for (const row of [0, 1]) {
    const left = values.reduce(
      (sum, _value, item) => {
        const [y0 = 0, y1 = 0] = items.slice(item * 2, item * 2 + 2)
        return sum + (row === 0 ? y0 : y1) * (y0 * x0 + y1 * x1)
      },
      lambda * values.length * (row === 0 ? x0 : x1),
    )
    const right = values.reduce((sum, value, item) => sum + value * (items[item * 2 + row] ?? 0), 0)
    assert.ok(Math.abs(left - right) < 1e-4, `${left} ≠ ${right}`)
  }
})

test('implicit training prefers what was seen to what was not', async () => {
  const builder = new RatingsBuilder()
  for (let user = 0; user < 20; user++) {
    for (let item = 0; item < 6; item++) {
      if ((user + item) % 2 === 0) builder.add(`u${user}`, `i${item}`, 3)
    }
  }
  const ratings = builder.build()

  const { rank, users, items } = await trainAls(ratings, { ...params, alpha: 1 })

  const score = (user: string, item: string) => {
    const [u, i] = [ratings.users.indexOf(user) * rank, ratings.items.indexOf(item) * rank]
    return users.slice(u, u + rank).reduce((sum, x, at) => sum + x * (items[i + at] ?? 0), 0)
  }
  assert.ok(score('u0', 'i0') > 0.8 && score('u0', 'i1') < 0.2)
})

test('shares of rows cover all of them and are about equal', () => {
  const starts = Int32Array.from({ length: 1001 }, (_, row) => row * row)

  const bounds = shareRows(starts, 4)

  assert.deepEqual([bounds[0], bounds.at(-1), bounds.length], [0, 1000, 5])
  const work = bounds.slice(1).map((to, at) => (starts[to] ?? 0) - (starts[bounds[at] ?? 0] ?? 0))
  assert.ok(Math.max(...work) < 1.1 * Math.min(...work), String(work))
})

test('training stops when it is asked to', async () => {
  const stop = new AbortController()
  const training = trainAls(synthetic(50, 20, 10), params, {
    signal: stop.signal,
    onIteration: () => stop.abort(new Error('stopped')),
  })

  await assert.rejects(training, /stopped/)
})
