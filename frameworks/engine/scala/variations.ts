/**
 * A documented change of an official template, as parameters of ours. What stands in `engine.json`
 * counts more.
 */
export type Variation = Readonly<{
  /** For messages. */
  name: string
  dataSource?: Readonly<Record<string, unknown>>
  algorithm?: Readonly<Record<string, unknown>>
}>

const LIKES: Variation = {
  name: 'reading custom events: like and dislike of customers on products',
  dataSource: {
    entityType: 'customer',
    targetEntityType: 'product',
    events: { like: 4, dislike: 1 },
  },
}
const VIEWS: Variation = {
  name: 'training with view events, counted for each user and item',
  dataSource: { events: { view: 1 }, sum: true },
}
const IMPLICIT: Variation = {
  name: 'implicit preferences',
  algorithm: { implicitPrefs: true },
}
const FEATURES: Variation = {
  name: 'reading custom properties: featureA to featureD of items',
  dataSource: {
    entityType: 'item',
    attributes: ['featureA', 'featureB', 'featureC', 'featureD'],
    label: 'label',
  },
}

/**
 * Fingerprint of the source that makes the change → the change. Black lists in queries and files of
 * items (`filepath` of preparator and serving) are always understood, so they are not here.
 *
 * @see https://predictionio.apache.org/templates/recommendation/
 */
export const VARIATIONS: ReadonlyMap<string, Variation> = new Map([
  ['a02214a972f2', LIKES],
  ['d768f4a2afe7', VIEWS],
  ['dc45a22cf1b2', IMPLICIT],
  ['4a94832f951a', IMPLICIT],
  ['c526a6d159f3', IMPLICIT],
  ['3fb38e5b3cb1', FEATURES],
  ['be5e398b21ef', FEATURES],
])
