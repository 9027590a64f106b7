import * as z from 'zod'
import { topK } from '../../algorithms/top-k.ts'
import {
  defineAlgorithm,
  defineDataSource,
  defineEngine,
  firstServing,
} from '../../dase/define-engine.ts'
import { engineOnly } from '../../dase/engine-module.ts'
import { AppParams } from '../app-of.ts'
import { type ItemEvents, ratingsOfCounts, readItemEvents } from '../catalog-items/item-events.ts'
import { ItemFilter, itemFilter } from '../catalog-items/item-filter.ts'
import { AlsParams, sumOfRows, trainImplicitAls, unitRows } from '../catalog-items/implicit-als.ts'
import { countTogether } from './co-occurrence.ts'

const Query = z.object({ items: z.array(z.string()), num: z.int(), ...ItemFilter })
type Query = z.infer<typeof Query>
type Answer = Readonly<{ itemScores: readonly Readonly<{ item: string; score: number }>[] }>

const viewsDataSource = defineDataSource({
  params: z.object(AppParams),
  read: async (params, context) => await readItemEvents(params, ['view'], context),
})

/** Items whose factors point the same way: the sum of their cosines with the items of the query. */
const als = defineAlgorithm({
  params: z.object(AlsParams),
  train: async ({ counts, categories }: ItemEvents, params, context) => {
    const ratings = ratingsOfCounts(counts.get('view') ?? [])
    const { rank, items } = await trainImplicitAls(ratings, params, context)
    return {
      rank,
      features: unitRows(items, rank),
      items: ratings.items.map((id) => ({ id, categories: categories.get(id) })),
      indexes: new Map(ratings.items.map((id, at) => [id, at])),
    }
  },
  predict: ({ rank, features, items, indexes }, query: Query, { log }): Answer => {
    const rows = [...new Set(query.items)].flatMap((id) => indexes.get(id) ?? [])
    const wanted = sumOfRows(features, rank, rows)
    if (wanted === undefined) {
      log(`No productFeatures vector for query items ${query.items.join(', ')}.`)
      return { itemScores: [] }
    }
    const isAllowed = itemFilter(query, query.items)
    const best = topK(wanted, features, Math.min(query.num, items.length), (at) => {
      const item = items[at]
      return item !== undefined && isAllowed(item)
    })
    return {
      itemScores: best
        .filter(({ score }) => score > 0)
        .map(({ index, score }) => ({ item: items[index]?.id ?? '', score })),
    }
  },
})

/** Items that the same users viewed, by how many did. */
const cooccurrence = defineAlgorithm({
  params: z.object({ n: z.int().min(1).default(20) }),
  train: ({ counts, categories }: ItemEvents, { n }) => ({
    together: countTogether(counts.get('view') ?? [], n),
    categories: new Map(categories),
  }),
  predict: ({ together, categories }, query: Query): Answer => {
    const isAllowed = itemFilter({ ...query, categoryBlackList: undefined }, query.items)
    const sums = new Map<string, number>()
    for (const id of new Set(query.items)) {
      for (const { item, count } of together.get(id) ?? []) {
        sums.set(item, (sums.get(item) ?? 0) + count)
      }
    }
    const itemScores = [...sums]
      .filter(([id]) => isAllowed({ id, categories: categories.get(id) }))
      .map(([item, score]) => ({ item, score }))
      .toSorted((a, b) => b.score - a.score)
      .slice(0, query.num)
    return { itemScores }
  },
})

const engine = defineEngine({
  query: Query,
  dataSource: viewsDataSource,
  algorithms: { als, cooccurrence },
  serving: firstServing,
})

/** PredictionIO's similar product template: `view` events → items that resemble given ones. */
export const similarProductTemplate = engineOnly('the similar product template', engine)
