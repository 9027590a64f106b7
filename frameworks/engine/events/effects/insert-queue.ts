import { codeOf } from '@hokku/kit/error-code'
import { createBatcher, type Batcher } from '@hokku/kit/batcher'
import { Problem } from '@hokku/kit/problem'
import { isDataFault } from '@hokku/postgres'
import type { Pool } from 'pg'
import { problem } from '../../problems.ts'
import type { Feed, NewEvent } from '../event.ts'
import { createEventId } from '../event-id.ts'
import { type Value, valuesOf, WRITTEN_COLUMNS } from './columns.ts'

type Row = Readonly<{ id: string; values: readonly Value[] }>

/**
 * Collects events that arrive together into one statement: five times the rate of one INSERT each.
 * A lone event does not wait for others. Each promise settles after its own event is committed.
 */
export class InsertQueue {
  readonly #rows: Batcher<Row, boolean>

  constructor(pool: Pool) {
    this.#rows = createBatcher({
      run: (rows) => insertRows(pool, rows),
      itemsMax: BATCH_LENGTH_MAX,
      concurrency: IN_FLIGHT_MAX,
      waitingMax: QUEUE_LENGTH_MAX,
      isItemFault: isDataFault,
      whenFull: () =>
        problem('overloaded', 'The event store is overloaded. Try again in a moment.'),
    })
  }

  /**
   * @throws Problem `event_exists` for an id that is taken, `overloaded` when the queue is full,
   * `event_not_stored` with what the database said as its cause
   */
  async insert(feed: Feed, event: NewEvent): Promise<string> {
    const nowMs = Date.now()
    const id = event.id ?? createEventId(nowMs)
    const values = valuesOf(feed, event, id, new Date(nowMs).toISOString())
    const isStored = await this.#rows.add({ id, values }).catch((error: unknown) => {
      throw error instanceof Problem ? error : notStored(error)
    })
    if (isStored) return id
    throw problem('event_exists', `The event ID ${id} already exists.`)
  }

  /** Resolves once nothing waits and nothing is in flight. */
  drain(): Promise<void> {
    return this.#rows.idle()
  }
}

/** Largest statement; longer ones gain nothing and make the first event of them wait. */
const BATCH_LENGTH_MAX = 500
/** Two: one is on its way while the other commits. */
const IN_FLIGHT_MAX = 2
/** About 50 MB of waiting events; beyond this clients are asked to come back. */
const QUEUE_LENGTH_MAX = 50_000

function notStored(cause: unknown): Error {
  const code = codeOf(cause) ?? ''
  const isAnswer = /^[0-9A-Z]{5}$/.test(code) && !/^(?:08|57)/.test(code)
  const reason = isAnswer ? 'the database refused it' : 'the database cannot be reached'
  return problem('event_not_stored', `The event could not be stored: ${reason}.`, { cause })
}

/**
 * Whether each row was stored; false where its id was taken. A batch may hold the same client-given
 * id twice: then the first one wins.
 */
async function insertRows(pool: Pool, rows: readonly Row[]): Promise<boolean[]> {
  const columns = WRITTEN_COLUMNS.map((_, at) => rows.map(({ values }) => values[at]))
  const result = await pool.query<[number, number, string]>({
    name: 'insert-events',
    text: INSERT_SQL,
    values: columns,
    rowMode: 'array',
  })
  const stored = new Set(result.rows.map(([appId, channelId, id]) => `${appId}/${channelId}/${id}`))
  return rows.map(({ id, values }) => stored.delete(`${values[0]}/${values[1]}/${id}`))
}

const TYPES: Readonly<Partial<Record<(typeof WRITTEN_COLUMNS)[number], string>>> = {
  app_id: 'integer',
  channel_id: 'integer',
  event_time: 'timestamptz',
  event_offset_minutes: 'smallint',
  creation_time: 'timestamptz',
}

const INSERT_SQL = `insert into pio_events (${WRITTEN_COLUMNS.join(', ')})
  select ${WRITTEN_COLUMNS.map((name) => (name === 'properties' ? 'properties::jsonb' : name)).join(', ')}
  from unnest(${WRITTEN_COLUMNS.map((name, at) => `$${at + 1}::${TYPES[name] ?? 'text'}[]`).join(', ')})
    as arrived (${WRITTEN_COLUMNS.join(', ')})
  on conflict (app_id, channel_id, id) do nothing
  returning app_id, channel_id, id`
