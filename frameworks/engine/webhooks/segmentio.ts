import type { JsonValue } from '../events/event.ts'
import { isObject } from '../events/event-reader.ts'
import { problem } from '../problems.ts'

type Payload = Readonly<Record<string, JsonValue>>

/** The event in a call of segment.io; it uses snake-case names. */
export function segmentEvent(payload: JsonValue): JsonValue {
  if (!isObject(payload)) throw invalid('Expected a JSON object.')
  if (payload['version'] === undefined) throw invalid('Failed to get segment.io API version.')
  const type = required(payload, 'type')
  required(payload, 'sent_at')
  const timestamp = required(payload, 'timestamp')
  const context = payload['context'] == null ? {} : { context: payload['context'] }
  const entityId = payload['user_id'] ?? payload['anonymous_id']
  const kind = PROPERTIES[type]
  if (kind === undefined) throw invalid(`Cannot convert unknown type ${type} to event JSON.`)
  if (entityId == null) {
    throw invalid('there was no `userId` or `anonymousId` in the common fields.')
  }
  return {
    event: type,
    entityType: 'user',
    entityId,
    eventTime: timestamp,
    properties: { ...context, ...pick(payload, kind) },
  }
}

/** What of the payload becomes properties, by type of call. */
const PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  identify: ['traits'],
  track: ['event', 'properties'],
  alias: ['previous_id'],
  page: ['name', 'properties'],
  screen: ['name', 'properties'],
  group: ['group_id', 'traits'],
}

const pick = (payload: Payload, names: readonly string[]): Payload =>
  Object.fromEntries(
    names.flatMap((name) => (payload[name] == null ? [] : [[name, payload[name]]])),
  )

function required(payload: Payload, name: string): string {
  const value = payload[name]
  if (typeof value === 'string') return value
  throw invalid(`The field '${name}' is required for segment.io data.`)
}

const invalid = (message: string) => problem('webhook_invalid', message)
