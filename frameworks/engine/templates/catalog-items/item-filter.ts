import * as z from 'zod'

/** Which items may be in an answer; the same words in all recommenders. */
export const ItemFilter = {
  /** Only items of one of these categories. */
  categories: z.array(z.string()).optional(),
  /** No item of one of these categories. */
  categoryBlackList: z.array(z.string()).optional(),
  /** Only these items. */
  whiteList: z.array(z.string()).optional(),
  /** None of these items. */
  blackList: z.array(z.string()).optional(),
}
export type ItemFilter = Readonly<{
  categories?: readonly string[] | undefined
  categoryBlackList?: readonly string[] | undefined
  whiteList?: readonly string[] | undefined
  blackList?: readonly string[] | undefined
}>

/** An item with its categories; undefined if it was given none. */
export type Item = Readonly<{ id: string; categories: readonly string[] | undefined }>

/**
 * A test of items. An item without categories fails a filter by category, and passes a black list of
 * them, as in PredictionIO's templates.
 *
 * @param alsoLeft more items that must not be in the answer, such as those of the query
 * @example const isAllowed = itemFilter({ categories: ['c1'] }, ['i7'])
 */
export function itemFilter(
  filter: ItemFilter,
  alsoLeft: Iterable<string> = [],
): (item: Item) => boolean {
  const left = new Set([...(filter.blackList ?? []), ...alsoLeft])
  const only = filter.whiteList && new Set(filter.whiteList)
  const wanted = filter.categories && new Set(filter.categories)
  const unwanted = new Set(filter.categoryBlackList ?? [])
  return ({ id, categories }) =>
    !left.has(id) &&
    (only === undefined || only.has(id)) &&
    (wanted === undefined || (categories?.some((one) => wanted.has(one)) ?? false)) &&
    !(categories?.some((one) => unwanted.has(one)) ?? false)
}
