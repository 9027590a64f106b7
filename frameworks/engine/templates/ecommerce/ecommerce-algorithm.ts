import * as z from 'zod'
import { topK } from '../../algorithms/top-k.ts'
import type { ServingContext } from '../../dase/context.ts'
import { defineAlgorithm } from '../../dase/define-engine.ts'
import { AppParams, appOf } from '../app-of.ts'
import { type ItemEvents, ratingsOfCounts } from '../catalog-items/item-events.ts'
import { type Item, ItemFilter, itemFilter } from '../catalog-items/item-filter.ts'
import { AlsParams, sumOfRows, trainImplicitAls, unitRows } from '../catalog-items/implicit-als.ts'

export const Query = z.object({ user: z.string(), num: z.int(), ...ItemFilter })
export type Query = z.infer<typeof Query>
type ItemScore = Readonly<{ item: string; score: number }>
export type Answer = Readonly<{ itemScores: readonly ItemScore[] }>

const Params = z.object({
  ...AppParams,
  /** Leaves out what the user has seen, by the events below. */
  unseenOnly: z.boolean().default(false),
  seenEvents: z.array(z.string()).default(['buy', 'view']),
  /** Events by which a user without factors is known. */
  similarEvents: z.array(z.string()).default(['view']),
  ...AlsParams,
})
type Params = z.infer<typeof Params>

type Model = Readonly<{
  params: Params
  rank: number
  users: Float32Array
  userIndexes: ReadonlyMap<string, number>
  items: Float32Array
  /** The same rows with length 1. */
  directions: Float32Array
  /** In the order of the rows. */
  known: readonly Item[]
  itemIndexes: ReadonlyMap<string, number>
  /** All items with the number of users' purchases, most bought first. */
  popular: readonly Readonly<{ item: Item; count: number }>[]
}>

/**
 * Implicit ALS on views. Users without factors get what resembles their last ten views, others what
 * is bought most. Items that the event store says are unavailable or seen are left out right now,
 * without a new training.
 */
export const ecomm = defineAlgorithm({
  params: Params,
  train: async ({ counts, categories }: ItemEvents, params, context): Promise<Model> => {
    const ratings = ratingsOfCounts(counts.get('view') ?? [])
    const { rank, users, items } = await trainImplicitAls(ratings, params, context)
    const bought = new Map<string, number>()
    for (const { item, count } of counts.get('buy') ?? []) {
      bought.set(item, (bought.get(item) ?? 0) + count)
    }
    return {
      params,
      rank,
      users,
      userIndexes: new Map(ratings.users.map((id, at) => [id, at])),
      items,
      directions: unitRows(items, rank),
      known: ratings.items.map((id) => ({ id, categories: categories.get(id) })),
      itemIndexes: new Map(ratings.items.map((id, at) => [id, at])),
      popular: [...categories]
        .map(([id, ofItem]) => ({
          item: { id, categories: ofItem },
          count: bought.get(id) ?? 0,
        }))
        .toSorted((a, b) => b.count - a.count),
    }
  },
  predict: async (model, query: Query, context): Promise<Answer> => {
    const isAllowed = itemFilter(query, await leftOut(model.params, query.user, context))
    const index = model.userIndexes.get(query.user)
    if (index !== undefined) {
      const user = model.users.subarray(index * model.rank, (index + 1) * model.rank)
      return { itemScores: best(model, user, model.items, query.num, isAllowed) }
    }
    context.log(`No userFeature found for user ${query.user}.`)
    const recent = await itemsOf(model.params, query.user, 'similarEvents', context)
    const rows = [...new Set(recent)].flatMap((id) => model.itemIndexes.get(id) ?? [])
    const wanted = sumOfRows(model.directions, model.rank, rows)
    if (wanted !== undefined) {
      return { itemScores: best(model, wanted, model.directions, query.num, isAllowed) }
    }
    const popular = model.popular.filter(({ item }) => isAllowed(item)).slice(0, query.num)
    return { itemScores: popular.map(({ item, count }) => ({ item: item.id, score: count })) }
  },
})

function best(
  { known }: Model,
  wanted: Float32Array,
  rows: Float32Array,
  num: number,
  isAllowed: (item: Item) => boolean,
): ItemScore[] {
  return topK(wanted, rows, Math.min(num, known.length), (at) => {
    const item = known[at]
    return item !== undefined && isAllowed(item)
  })
    .filter(({ score }) => score > 0)
    .map(({ index, score }) => ({ item: known[index]?.id ?? '', score }))
}

/** Items that are unavailable now, and those that the user has seen. */
async function leftOut(params: Params, user: string, context: ServingContext): Promise<string[]> {
  const unavailable = context.events.findByEntity({
    ...appOf(params, context),
    entityType: 'constraint',
    entityId: 'unavailableItems',
    eventNames: ['$set'],
    limit: 1,
    timeoutMs: TIMEOUT_MS,
  })
  const seen = params.unseenOnly ? itemsOf(params, user, 'seenEvents', context) : []
  const [latest] = await unavailable
  const items = z.array(z.string()).safeParse(latest?.properties['items']).data ?? []
  return [...items, ...(await seen)]
}

/** Items of a user's events, newest first: the last ten, or all that count as seen. */
async function itemsOf(
  params: Params,
  user: string,
  events: 'seenEvents' | 'similarEvents',
  context: ServingContext,
): Promise<string[]> {
  const found = await context.events.findByEntity({
    ...appOf(params, context),
    entityType: 'user',
    entityId: user,
    eventNames: params[events],
    targetEntityType: 'item',
    limit: events === 'similarEvents' ? 10 : SEEN_MAX,
    timeoutMs: TIMEOUT_MS,
  })
  return found.flatMap(({ targetEntityId }) => targetEntityId ?? [])
}

/** A query must not wait long for the event store; then it fails, and says so. */
const TIMEOUT_MS = 10_000
/** The newest events of a user that are looked at. */
const SEEN_MAX = 100_000
