/**
 * Works on several items at once and gives the results in the order of the items. The first failure
 * ends it.
 *
 * @param width how many items may be under way; asked again before each one
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  width: () => number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const underWay: Promise<Result>[] = []
  for await (const item of items) {
    const result = work(item)
    // It is waited for later; until then its failure is handled.
    result.catch(() => {})
    underWay.push(result)
    while (underWay.length >= width()) {
      const next = underWay.shift()
      if (next === undefined) break
      yield await next
    }
  }
  for (const result of underWay) yield await result
}
