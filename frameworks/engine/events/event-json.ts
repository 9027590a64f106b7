import type { StoredEvent } from './event.ts'
import { formatTime } from './event-time.ts'
import { stringifyExactly } from '@hokku/kit/exact-json'

/** An event as the event server and exports write it: fixed order, absent optionals left out. */
export function eventJson(event: StoredEvent): string {
  return stringifyExactly({
    eventId: event.id,
    event: event.event,
    entityType: event.entityType,
    entityId: event.entityId,
    targetEntityType: event.targetEntityType,
    targetEntityId: event.targetEntityId,
    properties: event.properties,
    eventTime: formatTime(event.eventTime),
    prId: event.prId,
    creationTime: formatTime(event.creationTime),
  })
}
