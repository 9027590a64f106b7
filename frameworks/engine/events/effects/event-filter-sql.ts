import { escapeLiteral } from 'pg'
import type { Feed } from '../event.ts'
import type { AggregateFilter, Column, EventFilter } from '../event-store.ts'
import { milliseconds } from './columns.ts'

/** The condition of a filter, with every value an escaped literal (COPY knows no parameters). */
export function whereOf(feed: Feed, filter: EventFilter): string {
  const conditions = [
    `app_id = ${integer(feed.appId)} and channel_id = ${integer(feed.channelId)}`,
    equals('entity_type', filter.entityType),
    equals('entity_id', filter.entityId),
    filter.events && `event in (${filter.events.map(escapeLiteral).join(', ') || 'null'})`,
    equals('target_entity_type', filter.targetEntityType),
    equals('target_entity_id', filter.targetEntityId),
    time('>=', filter.startMs),
    time('<', filter.untilMs),
  ]
  return conditions.filter((condition) => condition !== undefined).join(' and ')
}

export function specialEventsSql(feed: Feed, filter: AggregateFilter): string {
  const where = whereOf(feed, {
    entityType: filter.entityType,
    events: ['$set', '$unset', '$delete'],
    startMs: filter.startMs,
    untilMs: filter.untilMs,
  })
  // In the order of the entity index: one entity is open at a time, regardless of their number.
  return `select entity_id, event, properties::text, ${milliseconds('event_time')}
    from pio_events where ${where} order by entity_id, event_time, seq`
}

export function columnSql(column: Column): string {
  if (typeof column === 'object') return `properties ->> ${escapeLiteral(column.property)}`
  return COLUMNS[column]
}

const COLUMNS = {
  event: 'event',
  entityId: 'entity_id',
  targetEntityId: 'target_entity_id',
  eventTime: milliseconds('event_time'),
} as const

function equals(column: string, value: string | null | undefined): string | undefined {
  if (value === undefined) return undefined
  // A text with NUL can equal nothing that is stored, and PostgreSQL would refuse to compare it.
  if (value?.includes('\0')) return 'false'
  return value === null ? `${column} is null` : `${column} = ${escapeLiteral(value)}`
}

const time = (operator: string, ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : `event_time ${operator} to_timestamp(${Number(ms)} / 1000.0)`

const integer = (value: number): number => Math.trunc(value)
