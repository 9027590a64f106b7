import type { Properties, StoredEvent } from './event.ts'

/** The properties of one entity after all its `$set`, `$unset` and `$delete` events. */
export type PropertyMap = Readonly<{
  properties: Properties
  /** Time of the first special event ever, also one before a `$delete`. Milliseconds. */
  firstUpdatedMs: number
  lastUpdatedMs: number
}>

export type SpecialEvent = Pick<StoredEvent, 'event' | 'properties'> & Readonly<{ ms: number }>

/**
 * Folds the special events of one entity, in the order of their times (arrival order on ties).
 *
 * Where PredictionIO's parallel version differs (ties; `$unset` of a key that was never set throws)
 * its sequential one is followed.
 *
 * @returns undefined for an entity that was never set, or was deleted last
 */
export function foldProperties(events: Iterable<SpecialEvent>): PropertyMap | undefined {
  let state: Record<string, Properties[string]> | undefined
  let firstUpdatedMs = Infinity
  let lastUpdatedMs = -Infinity
  for (const { event, properties, ms } of events) {
    firstUpdatedMs = Math.min(firstUpdatedMs, ms)
    lastUpdatedMs = Math.max(lastUpdatedMs, ms)
    if (event === '$set') state = { ...state, ...properties }
    else if (event === '$unset' && state !== undefined) state = without(state, properties)
    else if (event === '$delete') state = undefined
  }
  if (state === undefined) return undefined
  return { properties: state, firstUpdatedMs, lastUpdatedMs }
}

const without = (state: Properties, removed: Properties): Record<string, Properties[string]> =>
  Object.fromEntries(Object.entries(state).filter(([key]) => !Object.hasOwn(removed, key)))

export const hasAll = (map: PropertyMap, required: readonly string[]): boolean =>
  required.every((key) => Object.hasOwn(map.properties, key))
