import * as z from 'zod'
import { type Factors, trainAls } from '../../algorithms/als.ts'
import type { Ratings } from '../../algorithms/ratings.ts'
import { topK } from '../../algorithms/top-k.ts'
import { defineAlgorithm } from '../../dase/define-engine.ts'
import { problem } from '../../problems.ts'
import { emptyData } from '../empty-data.ts'
import type { Query } from './data-source.ts'

export type Recommendation = Readonly<{
  itemScores: readonly Readonly<{ item: string; score: number }>[]
}>

/** Explicit alternating least squares; what a user rated already may be recommended again. */
export const als = defineAlgorithm({
  params: z.object({
    rank: z.int().min(1).max(1000).default(10),
    numIterations: z.int().min(1).default(20),
    lambda: z.number().min(0).default(0.01),
    seed: z.int().default(3),
    /** Ratings are counts of signs such as views, not judgments. */
    implicitPrefs: z.boolean().default(false),
    /** How much a count adds to the confidence; with `implicitPrefs` only. */
    alpha: z.number().min(0).default(1),
  }),
  train: async (
    ratings: Ratings,
    { rank, numIterations, lambda, seed, implicitPrefs, alpha },
    context,
  ) => {
    if (ratings.users.length === 0) throw emptyData('ratings in PreparedData')
    if (numIterations > ITERATIONS_USUAL) {
      context.log(
        `ALSAlgorithm.numIterations > ${ITERATIONS_USUAL}, current: ${numIterations}. It gains little beyond.`,
      )
    }
    const factors = await trainAls(
      ratings,
      {
        rank,
        iterations: numIterations,
        lambda,
        seed,
        threads: context.threads,
        ...(implicitPrefs && { alpha }),
      },
      {
        signal: context.signal,
        onIteration: (done, total) => context.progress('ALS iteration', done, total),
      },
    )
    return {
      ...factors,
      userIndexes: new Map(ratings.users.map((user, at) => [user, at])),
      itemIds: ratings.items,
    }
  },
  check: (model) => checkFinite(model),
  predict: (model, { user, num, blackList = [] }: Query, { log }): Recommendation => {
    const index = model.userIndexes.get(user)
    if (index === undefined) {
      log(`No prediction for unknown user ${user}.`)
      return { itemScores: [] }
    }
    const { rank, users, items, itemIds } = model
    const query = users.subarray(index * rank, (index + 1) * rank)
    const left = new Set(blackList)
    const isAllowed = (at: number): boolean => !left.has(itemIds[at] ?? '')
    const best = topK(
      query,
      items,
      Math.min(num, itemIds.length),
      left.size === 0 ? undefined : isAllowed,
    )
    return {
      itemScores: best.map(({ index: at, score }) => ({ item: itemIds[at] ?? '', score })),
    }
  },
})

/**
 * A model with one factor that is no number would answer nulls: it must not replace one that works.
 *
 * @throws Problem `training_failed`
 */
function checkFinite({ users, items }: Factors): void {
  if (users.every(Number.isFinite) && items.every(Number.isFinite)) return
  throw problem('training_failed', 'The model has factors that are no numbers; it is not used.', {
    hint: 'Look for ratings that are far too large, or try a larger lambda.',
  })
}

const ITERATIONS_USUAL = 30
