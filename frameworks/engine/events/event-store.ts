import type { PropertyMap } from './aggregation.ts'
import type { Feed, NewEvent, StoredEvent } from './event.ts'

/** Which events of a feed; everything absent matches all. */
export type EventFilter = Readonly<{
  /** Milliseconds: events at or after this time … */
  startMs?: number | undefined
  /** … and before this one. */
  untilMs?: number | undefined
  entityType?: string | undefined
  entityId?: string | undefined
  events?: readonly string[] | undefined
  /** null: only events without a target. */
  targetEntityType?: string | null | undefined
  targetEntityId?: string | null | undefined
}>

export type Page = Readonly<{
  /** At most so many events; undefined for all. */
  limit?: number | undefined
  /** Newest first instead of oldest first. */
  reversed?: boolean | undefined
  /** Gives up after this time with Problem `storage_unreachable`. */
  timeoutMs?: number | undefined
}>

export type AggregateFilter = Readonly<{
  entityType: string
  startMs?: number | undefined
  untilMs?: number | undefined
  /** Only entities that have all of these properties. */
  required?: readonly string[] | undefined
}>

/** A column for `readColumns`: a field of the event, or one of its properties as text. */
export type Column = 'event' | 'entityId' | 'targetEntityId' | 'eventTime' | { property: string }

export type ImportResult = Readonly<{ imported: number; rejected: readonly RejectedLine[] }>
export type RejectedLine = Readonly<{ line: number; text: string; reason: string }>

export type ImportOptions = Readonly<{
  nowMs: number
  /** How many broken lines are left out before the import fails; none are by default. */
  errorsMax: number
  /** Gives every event a new id, regardless of what its line says. */
  dropIds?: boolean
  /** Deletes the events of the feed first; they stay if the import fails, or has no event. */
  replaces?: boolean
  /** How messages call a line, counted over all files; default `line 5`. */
  placeOf?: (line: number) => string
  onLine?: (line: number, bytes: number) => void
  signal?: AbortSignal
}>

/** Where events are kept. Orders are by event time, arrival order on ties. */
export type EventStore = Readonly<{
  /**
   * Stores an event and gives its id, once it is committed. Events that arrive together travel in
   * one statement.
   *
   * @throws Problem `event_exists`, `overloaded`, `event_not_stored`
   */
  insert: (feed: Feed, event: NewEvent) => Promise<string>
  get: (feed: Feed, id: string) => Promise<StoredEvent | undefined>
  /** Whether there was such an event. */
  delete: (feed: Feed, id: string) => Promise<boolean>
  find: (feed: Feed, filter: EventFilter, page: Page) => Promise<StoredEvent[]>
  /** Like `find`, in batches: memory stays flat, regardless of the number of events. */
  stream: (
    feed: Feed,
    filter: EventFilter,
    page?: Page,
  ) => AsyncGenerator<StoredEvent[], void, undefined>
  /**
   * The fast way to training data: the chosen columns of all matching events, a batch of rows at a
   * time. Absent values are null; times are milliseconds as text.
   */
  readColumns: (
    feed: Feed,
    filter: EventFilter,
    columns: readonly Column[],
  ) => AsyncGenerator<(string | null)[][], void, undefined>
  /** Properties of all entities of a type. */
  aggregateProperties: (feed: Feed, filter: AggregateFilter) => Promise<Map<string, PropertyMap>>
  /**
   * Stores one event per line, all or nothing; lines come in batches.
   *
   * @throws Problem `import_failed` that names the lines
   */
  importLines: (
    feed: Feed,
    lines: AsyncIterable<readonly string[]>,
    options: ImportOptions,
  ) => Promise<ImportResult>
  count: (feed: Feed) => Promise<number>
  /** Removes all events of a feed. */
  clear: (feed: Feed) => Promise<void>
  close: () => Promise<void>
}>
