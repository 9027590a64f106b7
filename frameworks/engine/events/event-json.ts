import type { StoredEvent } from './event.ts'
import { formatTime } from './event-time.ts'
import { stringifyJson } from './lenient-json.ts'

/** An event as the event server and exports write it: fixed order, absent optionals left out. */
export function eventJson(event: StoredEvent): string {
  return stringifyJson({
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
