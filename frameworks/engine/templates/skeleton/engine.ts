import { defineAlgorithm, defineDataSource, defineEngine, firstServing, z } from '@hokku/engine'

/** What the server accepts: POST /queries.json {"num": 3}. */
const query = z.object({ num: z.int().min(1).max(100).default(10) })
type Query = z.infer<typeof query>

type Purchase = { item: string; at: Date }

const dataSource = defineDataSource({
  params: z.object({ appName: z.string() }),
  read: async ({ appName }, { events }): Promise<Purchase[]> => {
    const purchases: Purchase[] = []
    for await (const batch of events.find({ appName, eventNames: ['buy'] })) {
      for (const { targetEntityId, eventTime } of batch) {
        if (targetEntityId) purchases.push({ item: targetEntityId, at: new Date(eventTime.ms) })
      }
    }
    return purchases
  },
  check: (purchases) => {
    if (purchases.length === 0) throw new Error('There are no buy events to learn from.')
  },
})

/** Counts purchases; old ones count less. */
const popular = defineAlgorithm({
  params: z.object({ halfLifeDays: z.number().positive() }),
  train: (purchases: Purchase[], { halfLifeDays }) => {
    const newest = Math.max(...purchases.map(({ at }) => at.getTime()))
    const scores = new Map<string, number>()
    for (const { item, at } of purchases) {
      const ageDays = (newest - at.getTime()) / 86_400_000
      scores.set(item, (scores.get(item) ?? 0) + 0.5 ** (ageDays / halfLifeDays))
    }
    return [...scores].map(([item, score]) => ({ item, score })).sort((a, b) => b.score - a.score)
  },
  predict: (items, { num }: Query) => ({ itemScores: items.slice(0, num) }),
})

export default defineEngine({ query, dataSource, algorithms: { popular }, serving: firstServing })
