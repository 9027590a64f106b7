import type { StoredEvent } from '../event.ts'
import { utc } from '../event-time.ts'
import { stringifyExactly } from '@hokku/kit/exact-json'
import { parseLenientJson } from '../lenient-json.ts'
import type { Feed, NewEvent, Properties } from '../event.ts'

/** The columns that are written, in the order of `valuesOf`. */
export const WRITTEN_COLUMNS = [
  'app_id',
  'channel_id',
  'id',
  'event',
  'entity_type',
  'entity_id',
  'target_entity_type',
  'target_entity_id',
  'properties',
  'event_time',
  'event_offset_minutes',
  'pr_id',
  'creation_time',
] as const

export type Value = string | number | null

/** What is stored of an event, in the order of `WRITTEN_COLUMNS`. */
export function valuesOf(feed: Feed, event: NewEvent, id: string, nowIso: string): Value[] {
  return [
    feed.appId,
    feed.channelId,
    id,
    event.event,
    event.entityType,
    event.entityId,
    event.targetEntityType ?? null,
    event.targetEntityId ?? null,
    stringifyExactly(event.properties),
    new Date(event.eventTime.ms).toISOString(),
    event.eventTime.offsetMinutes,
    event.prId ?? null,
    nowIso,
  ]
}

/** What is read of an event, all as text, in the order that `eventOfRow` takes. */
export const READ_COLUMNS = `id, event, entity_type, entity_id, target_entity_type,
  target_entity_id, properties::text, ${milliseconds('event_time')}, event_offset_minutes::text,
  pr_id, ${milliseconds('creation_time')}`

/** Exact: `extract` gives a numeric, and we store whole milliseconds. */
export function milliseconds(column: string): string {
  return `(extract(epoch from ${column}) * 1000)::bigint::text`
}

export function eventOfRow(row: readonly (string | null)[]): StoredEvent {
  const [
    id,
    event,
    entityType,
    entityId,
    targetType,
    targetId,
    properties,
    ms,
    offset,
    prId,
    made,
  ] = row
  return {
    id: id ?? '',
    event: event ?? '',
    entityType: entityType ?? '',
    entityId: entityId ?? '',
    targetEntityType: targetType ?? undefined,
    targetEntityId: targetId ?? undefined,
    properties: parseLenientJson(properties ?? '{}') as Properties,
    eventTime: { ms: Number(ms), offsetMinutes: Number(offset) },
    prId: prId ?? undefined,
    creationTime: utc(Number(made)),
  }
}
