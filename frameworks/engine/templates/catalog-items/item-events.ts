import * as z from 'zod'
import { type Ratings, RatingsBuilder } from '../../algorithms/ratings.ts'
import type { TrainingContext } from '../../dase/context.ts'
import { appOf } from '../app-of.ts'
import { emptyData } from '../empty-data.ts'

/** How often users did something with items, and what is known of the items. */
export type ItemEvents = Readonly<{
  /** Event → how often each user did it with each item, in the order of first appearance. */
  counts: ReadonlyMap<string, readonly PairCount[]>
  /** Item id → its categories; undefined if it has none. Of all items with properties. */
  categories: ReadonlyMap<string, readonly string[] | undefined>
}>

export type PairCount = Readonly<{ user: string; item: string; count: number }>

/**
 * Reads the events of users on items. As in PredictionIO's templates, users and items count that
 * have been `$set`; events of others are left out.
 *
 * @throws Problem `training_failed` if there are no users or items
 */
export async function readItemEvents(
  params: Parameters<typeof appOf>[0],
  events: readonly string[],
  context: TrainingContext,
): Promise<ItemEvents> {
  const app = appOf(params, context)
  const users = await context.events.aggregateProperties({ ...app, entityType: 'user' })
  const items = await context.events.aggregateProperties({ ...app, entityType: 'item' })
  requireSome('users', users.size)
  requireSome('items', items.size)
  const counts = new Map(events.map((event) => [event, new Map<string, PairCount>()]))
  const batches = context.events.columns(
    { ...app, entityType: 'user', eventNames: events, targetEntityType: 'item' },
    ['event', 'entityId', 'targetEntityId'],
  )
  let unknown = 0
  for await (const rows of batches) {
    for (const [event, user, item] of rows) {
      const pairs = counts.get(event ?? '')
      if (pairs === undefined || user == null || item == null) continue
      if (users.has(user) && items.has(item)) count(pairs, user, item)
      else unknown += 1
    }
  }
  if (unknown > 0) {
    context.log(`${unknown} events are of users or items without a $set event: they are left out.`)
  }
  return {
    counts: new Map([...counts].map(([event, pairs]) => [event, [...pairs.values()]])),
    categories: new Map(
      [...items].map(([id, { properties }]) => [id, categoriesOf(properties['categories'])]),
    ),
  }
}

function count(pairs: Map<string, PairCount>, user: string, item: string): void {
  const key = JSON.stringify([user, item])
  pairs.set(key, { user, item, count: (pairs.get(key)?.count ?? 0) + 1 })
}

const categoriesOf = (value: unknown): readonly string[] | undefined =>
  z.array(z.string()).safeParse(value).data

/** Counts as implicit ratings. @throws Problem `training_failed` without any */
export function ratingsOfCounts(pairs: readonly PairCount[]): Ratings {
  requireSome('viewEvents', pairs.length)
  const builder = new RatingsBuilder()
  for (const pair of pairs) builder.add(pair.user, pair.item, pair.count)
  return builder.build()
}

function requireSome(what: string, length: number): void {
  if (length > 0) return
  throw emptyData(`${what} in PreparedData`)
}
