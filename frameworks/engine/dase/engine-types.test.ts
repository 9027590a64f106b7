import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import {
  averageServing,
  defineAlgorithm,
  defineDataSource,
  defineEngine,
  definePreparator,
  defineServing,
} from './define-engine.ts'
import { defineEvaluation } from './evaluation.ts'
import { averageMetric } from './metrics.ts'

// These are checked by the compiler: each expected error must be one.

type Query = { user: string }
const query = z.object({ user: z.string() })
const dataSource = defineDataSource({
  params: z.object({ appName: z.string() }),
  read: ({ appName }) => ({ ratings: [appName.length] }),
})
const mean = defineAlgorithm({
  params: z.object({ factor: z.number() }),
  train: (data: { ratings: number[] }, { factor }) => (data.ratings[0] ?? 0) * factor,
  predict: (model, { user }: Query) => model + user.length,
})

test('an engine whose parts fit compiles', () => {
  const engine = defineEngine({ query, dataSource, algorithms: { mean }, serving: averageServing })

  assert.deepEqual(Object.keys(engine.algorithms), ['mean'])
})

test('an algorithm that wants another query does not compile', () => {
  const other = defineAlgorithm({
    params: z.object({}),
    train: (data: { ratings: number[] }) => data.ratings.length,
    predict: (model, { items }: { items: string[] }) => model + items.length,
  })

  // @ts-expect-error the query has a user, not items
  const engine = defineEngine({ query, dataSource, algorithms: { other } })

  assert.ok(engine)
})

test('an algorithm that wants other data does not compile', () => {
  const other = defineAlgorithm({
    params: z.object({}),
    train: (data: { views: string[] }) => data.views.length,
    predict: (model, { user }: Query) => model + user.length,
  })

  // @ts-expect-error the data source gives ratings, not views
  const engine = defineEngine({ query, dataSource, algorithms: { other } })

  assert.ok(engine)
})

test('a preparator changes what algorithms are given', () => {
  const preparator = definePreparator({
    params: z.object({}),
    prepare: (data: { ratings: number[] }) => ({ views: data.ratings.map(String) }),
  })

  // @ts-expect-error the preparator gives views, not ratings
  const engine = defineEngine({ query, dataSource, preparator, algorithms: { mean } })

  assert.ok(engine)
})

test('predict is given what train returns, params what the schema makes', () => {
  const wrong = defineAlgorithm({
    params: z.object({ rank: z.number() }),
    // @ts-expect-error there is no parameter called ranks
    train: (_data: unknown, { ranks }) => String(ranks),
    // @ts-expect-error the model is a text
    predict: (model, _query: Query) => model * 2,
  })

  assert.ok(wrong)
})

test('a serving of other queries or predictions does not compile', () => {
  const shout = defineServing({
    params: z.object({}),
    serve: (_query: Query, [first]: readonly string[]) => `${first}!`,
  })

  // @ts-expect-error the algorithm predicts numbers, not texts
  const engine = defineEngine({ query, dataSource, algorithms: { mean }, serving: shout })

  assert.ok(engine)
})

test('folds with queries of another shape do not compile', () => {
  const cut = defineDataSource({
    params: z.object({}),
    read: () => ({ ratings: [1] }),
    readEval: () => [{ training: { ratings: [1] }, queries: [[{ item: 'i' }, 1] as const] }],
  })

  // @ts-expect-error the engine is asked for users, the folds ask for items
  const engine = defineEngine({ query, dataSource: cut, algorithms: { mean } })

  assert.ok(engine)
})

test('an actual result of another type does not compile', () => {
  const cut = defineDataSource({
    params: z.object({}),
    read: () => ({ ratings: [1] }),
    readEval: () => [{ training: { ratings: [1] }, queries: [[{ user: 'u' }, 'liked'] as const] }],
  })
  const engine = defineEngine({ query, dataSource: cut, algorithms: { mean } })
  const metric = averageMetric('m', (_q: Query, p: number, actual: number) => p - actual)

  // @ts-expect-error what really happened is a text, not a number
  const evaluation = defineEvaluation({ engine, metric })

  assert.ok(evaluation)
})

test('a metric of another prediction does not compile', () => {
  const engine = defineEngine({ query, dataSource, algorithms: { mean }, serving: averageServing })
  const metric = averageMetric(
    'm',
    (_q: Query, p: { label: string }, _a: unknown) => p.label.length,
  )

  // @ts-expect-error the engine predicts numbers, not labels
  const evaluation = defineEvaluation({ engine, metric })

  assert.ok(evaluation)
})
