import * as z from 'zod'
import { type Ratings, RatingsBuilder } from '../../algorithms/ratings.ts'
import type { TrainingContext } from '../../dase/context.ts'
import { defineDataSource } from '../../dase/define-engine.ts'
import { splitFolds } from '../../dase/folds.ts'
import { problem } from '../../problems.ts'
import { AppParams, appOf } from '../app-of.ts'
import { emptyData } from '../empty-data.ts'

export const Query = z.object({
  user: z.string(),
  num: z.int(),
  /** Items that must not be in the answer. */
  blackList: z.array(z.string()).optional(),
})
export type Query = z.infer<typeof Query>

export type Rating = Readonly<{ user: string; item: string; value: number }>
/** What a test user really rated. */
export type Actual = readonly Rating[]

const Params = z.object({
  ...AppParams,
  /** Who rates what: types of entity and of target. */
  entityType: z.string().default('user'),
  targetEntityType: z.string().default('item'),
  /** Event → its rating, or the name of the property that holds it. */
  events: z
    .record(z.string(), z.union([z.number(), z.string()]))
    .default({ rate: 'rating', buy: 4 }),
  /** Whether ratings of one user on one item are added up, as for views. */
  sum: z.boolean().default(false),
  evalParams: z.object({ kFold: z.int().min(2), queryNum: z.int().min(1) }).optional(),
})
type Params = z.infer<typeof Params>

/** Reads ratings from events: what users rated, and what they bought as a rating of 4; params may name others. */
export const ratingsDataSource = defineDataSource({
  params: Params,
  read: async (params, context): Promise<Ratings> => {
    const builder = new RatingsBuilder()
    for await (const { user, item, value } of ratingsOf(params, context)) {
      builder.add(user, item, value)
    }
    return builder.build()
  },
  readEval: async (params, context) => {
    if (params.evalParams === undefined) {
      throw problem('params_invalid', 'The datasource params need evalParams: kFold and queryNum.')
    }
    const { kFold, queryNum } = params.evalParams
    const ratings = await Array.fromAsync(ratingsOf(params, context))
    return splitFolds(ratings, kFold).map(({ training, testing }) => ({
      training: build(training),
      queries: [...Map.groupBy(testing, ({ user }) => user)].map(
        ([user, actual]) => [{ user, num: queryNum }, actual] as const,
      ),
    }))
  },
  check: ({ byUser }) => {
    if (byUser.values.length > 0) return
    throw emptyData('ratings in TrainingData')
  },
})

/** Sums need all ratings first; without them ratings pass one by one. */
async function* ratingsOf(
  params: Params,
  context: TrainingContext,
): AsyncGenerator<Rating, void, undefined> {
  const ratings = readRatings(params, context)
  if (!params.sum) return yield* ratings
  const sums = new Map<string, Rating>()
  for await (const rating of ratings) {
    const key = JSON.stringify([rating.user, rating.item])
    sums.set(key, { ...rating, value: rating.value + (sums.get(key)?.value ?? 0) })
  }
  yield* sums.values()
}

async function* readRatings(
  params: Params,
  context: TrainingContext,
): AsyncGenerator<Rating, void, undefined> {
  const meaning = new Map(Object.entries(params.events))
  const properties = [...new Set(meaning.values())].filter((one) => typeof one === 'string')
  const batches = context.events.columns(
    {
      ...appOf(params, context),
      entityType: params.entityType,
      eventNames: [...meaning.keys()],
      targetEntityType: params.targetEntityType,
    },
    ['event', 'entityId', 'targetEntityId', ...properties.map((property) => ({ property }))],
  )
  for await (const rows of batches) {
    for (const [event, user, item, ...values] of rows) {
      const how = meaning.get(event ?? '') ?? ''
      const text = typeof how === 'string' ? values[properties.indexOf(how)] : undefined
      const value = typeof how === 'number' ? how : readRating(text)
      if (user == null || item == null || value === undefined) {
        throw problem(
          'training_failed',
          `Cannot convert the event ${event} of user ${user} on item ${item} to a Rating: its rating is ${text}.`,
        )
      }
      yield { user, item, value }
    }
  }
}

/** A decimal number that fits into 32 bits; undefined for `Infinity`, `0x1F`, `1e39` and the like. */
function readRating(text: string | null | undefined): number | undefined {
  if (text == null || !DECIMAL.test(text.trim())) return undefined
  const value = Number(text)
  return Number.isFinite(Math.fround(value)) ? value : undefined
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

function build(ratings: readonly Rating[]): Ratings {
  const builder = new RatingsBuilder()
  for (const { user, item, value } of ratings) builder.add(user, item, value)
  return builder.build()
}
