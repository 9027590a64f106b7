import type { Pool } from 'pg'
import { problem } from '../../problems.ts'
import type { Feed, NewEvent } from '../event.ts'
import { createEventId } from '../event-id.ts'
import { type Value, valuesOf, WRITTEN_COLUMNS } from './columns.ts'

type Pending = Readonly<{
  values: readonly Value[]
  resolve: (id: string) => void
  reject: (error: unknown) => void
}>

/**
 * Collects events that arrive together into one statement: five times the rate of one INSERT each.
 * A lone event does not wait for others. Each promise settles after its own event is committed.
 */
export class InsertQueue {
  readonly #pool: Pool
  #waiting: Pending[] = []
  #inFlight = 0
  #isScheduled = false
  #idle: (() => void)[] = []

  constructor(pool: Pool) {
    this.#pool = pool
  }

  /**
   * @throws Problem `event_exists` for an id that is taken, `overloaded` when the queue is full,
   * `event_not_stored` with what the database said as its cause
   */
  insert(feed: Feed, event: NewEvent): Promise<string> {
    if (this.#waiting.length >= QUEUE_LENGTH_MAX) {
      return Promise.reject(
        problem('overloaded', 'The event store is overloaded. Try again in a moment.'),
      )
    }
    const nowMs = Date.now()
    const id = event.id ?? createEventId(nowMs)
    const values = valuesOf(feed, event, id, new Date(nowMs).toISOString())
    return new Promise((resolve, reject) => {
      this.#waiting.push({ values, resolve, reject })
      this.#schedule()
    })
  }

  /** Resolves once nothing waits and nothing is in flight. */
  async drain(): Promise<void> {
    if (this.#waiting.length === 0 && this.#inFlight === 0) return
    await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #schedule(): void {
    if (this.#isScheduled || this.#inFlight >= IN_FLIGHT_MAX) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      void this.#sendBatch()
    })
  }

  async #sendBatch(): Promise<void> {
    const batch = this.#waiting.splice(0, BATCH_LENGTH_MAX)
    if (batch.length === 0) return
    this.#inFlight += 1
    if (this.#waiting.length > 0) this.#schedule()
    try {
      await insertBatch(this.#pool, batch)
    } finally {
      this.#inFlight -= 1
      if (this.#waiting.length > 0) this.#schedule()
      else if (this.#inFlight === 0) this.#idle.splice(0).forEach((resolve) => resolve())
    }
  }
}

/** Largest statement; longer ones gain nothing and make the first event of them wait. */
const BATCH_LENGTH_MAX = 500
/** Two: one is on its way while the other commits. */
const IN_FLIGHT_MAX = 2
/** About 50 MB of waiting events; beyond this clients are told to come back. */
const QUEUE_LENGTH_MAX = 50_000

async function insertBatch(pool: Pool, batch: readonly Pending[]): Promise<void> {
  try {
    const stored = await insertRows(pool, batch)
    for (const pending of batch) settle(pending, stored)
  } catch (error) {
    // One row may have broken the statement for all: only its own sender shall hear of it.
    if (batch.length > 1 && isOfOneRow(error)) {
      for (const pending of batch) await insertBatch(pool, [pending])
    } else for (const { reject } of batch) reject(notStored(error))
  }
}

/** Bad data, a broken constraint, a limit: not a database that cannot be reached. */
const isOfOneRow = (error: unknown): boolean => /^(?:22|23|54)/.test(codeOf(error))

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

function notStored(cause: unknown): Error {
  const isAnswer = /^[0-9A-Z]{5}$/.test(codeOf(cause)) && !/^(?:08|57)/.test(codeOf(cause))
  const reason = isAnswer ? 'the database refused it' : 'the database cannot be reached'
  return problem('event_not_stored', `The event could not be stored: ${reason}.`, { cause })
}

/** Ids repeat only within a batch that holds the same client-given id twice: the first one wins. */
function settle(pending: Pending, stored: Set<unknown>): void {
  const key = keyOf(pending.values)
  if (stored.delete(key)) pending.resolve(String(pending.values[ID_AT]))
  else {
    pending.reject(problem('event_exists', `The event ID ${pending.values[ID_AT]} already exists.`))
  }
}

const ID_AT = WRITTEN_COLUMNS.indexOf('id')
const keyOf = (values: readonly Value[]): string => `${values[0]}/${values[1]}/${values[ID_AT]}`

/** The keys of the rows that were stored; those whose id was taken are left out. */
async function insertRows(pool: Pool, batch: readonly Pending[]): Promise<Set<unknown>> {
  const columns = WRITTEN_COLUMNS.map((_, at) => batch.map(({ values }) => values[at]))
  const result = await pool.query<[number, number, string]>({
    name: 'insert-events',
    text: INSERT_SQL,
    values: columns,
    rowMode: 'array',
  })
  return new Set(result.rows.map(([appId, channelId, id]) => `${appId}/${channelId}/${id}`))
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
