import type { PairCount } from '../catalog-items/item-events.ts'

/** An item that came together with another one, for so many users. */
export type Neighbor = Readonly<{ item: string; count: number }>

/**
 * For each item the `n` items that most users had as well. How often one user had an item does not
 * count. Time and memory grow with the square of the items of a user, so only a user's first
 * `ITEMS_MAX` items count.
 */
export function countTogether(
  pairs: readonly PairCount[],
  n: number,
): Map<string, readonly Neighbor[]> {
  const together = new Map<string, Map<string, number>>()
  const add = (item: string, other: string): void => {
    const counts = together.get(item) ?? new Map<string, number>()
    counts.set(other, (counts.get(other) ?? 0) + 1)
    together.set(item, counts)
  }
  for (const ofUser of Map.groupBy(pairs, ({ user }) => user).values()) {
    const items = ofUser.slice(0, ITEMS_MAX).map(({ item }) => item)
    items.forEach((item, at) => {
      for (const other of items.slice(at + 1)) {
        add(item, other)
        add(other, item)
      }
    })
  }
  return new Map(
    [...together].map(([item, counts]) => [
      item,
      [...counts]
        .map(([other, count]) => ({ item: other, count }))
        .toSorted((a, b) => b.count - a.count)
        .slice(0, n),
    ]),
  )
}

/** Only robots look at so many items, and they say nothing of what belongs together. */
const ITEMS_MAX = 2000
