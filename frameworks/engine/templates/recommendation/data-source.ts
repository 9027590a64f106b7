import * as z from 'zod'
import { type Ratings, RatingsBuilder } from '../../algorithms/ratings.ts'
import type { TrainingContext } from '../../dase/context.ts'
import { defineDataSource } from '../../dase/define-engine.ts'
import { splitFolds } from '../../dase/folds.ts'
import { problem } from '../../problems.ts'
import { appNameOf } from '../app-name.ts'

export const Query = z.object({ user: z.string(), num: z.int() })
export type Query = z.infer<typeof Query>

export type Rating = Readonly<{ user: string; item: string; value: number }>
/** What a test user really rated. */
export type Actual = readonly Rating[]

const Params = z.object({
  appName: z.string().optional(),
  evalParams: z.object({ kFold: z.int().min(2), queryNum: z.int().min(1) }).optional(),
})
type Params = z.infer<typeof Params>

/** Reads what users rated, and what they bought as a rating of 4. */
export const ratingsDataSource = defineDataSource({
  params: Params,
  read: async (params, context): Promise<Ratings> => {
    const builder = new RatingsBuilder()
    for await (const { user, item, value } of readRatings(params, context)) {
      builder.add(user, item, value)
    }
    return builder.build()
  },
  readEval: async (params, context) => {
    if (params.evalParams === undefined) {
      throw problem('params_invalid', 'The datasource params need evalParams: kFold and queryNum.')
    }
    const { kFold, queryNum } = params.evalParams
    const ratings = await Array.fromAsync(readRatings(params, context))
    return splitFolds(ratings, kFold).map(({ training, testing }) => ({
      training: build(training),
      queries: [...Map.groupBy(testing, ({ user }) => user)].map(
        ([user, actual]) => [{ user, num: queryNum }, actual] as const,
      ),
    }))
  },
  check: ({ byUser }) => {
    if (byUser.values.length > 0) return
    throw problem(
      'training_failed',
      'ratings in TrainingData cannot be empty. Please check if DataSource generates TrainingData and Preparator generates PreparedData correctly.',
    )
  },
})

const BOUGHT = 4

async function* readRatings(
  params: Params,
  context: TrainingContext,
): AsyncGenerator<Rating, void, undefined> {
  const batches = context.events.columns(
    {
      appName: appNameOf(params, context.env),
      entityType: 'user',
      eventNames: ['rate', 'buy'],
      targetEntityType: 'item',
    },
    ['event', 'entityId', 'targetEntityId', { property: 'rating' }],
  )
  for await (const rows of batches) {
    for (const [event, user, item, rating] of rows) {
      const value = event === 'buy' ? BOUGHT : Number(rating?.trim() || NaN)
      if (user == null || item == null || Number.isNaN(value)) {
        throw problem(
          'training_failed',
          `Cannot convert the event ${event} of user ${user} on item ${item} to a Rating: its rating is ${rating}.`,
        )
      }
      yield { user, item, value }
    }
  }
}

function build(ratings: readonly Rating[]): Ratings {
  const builder = new RatingsBuilder()
  for (const { user, item, value } of ratings) builder.add(user, item, value)
  return builder.build()
}
