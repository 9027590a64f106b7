import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Pool, PoolClient } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { Problem } from '@hokku/kit/problem'
import { problem } from '../../problems.ts'
import type { Feed } from '../event.ts'
import { createEventId } from '../event-id.ts'
import { readEvent } from '../event-reader.ts'
import type { ImportOptions, ImportResult, RejectedLine } from '../event-store.ts'
import { parseLenientJson } from '../lenient-json.ts'
import { valuesOf, WRITTEN_COLUMNS } from './columns.ts'
import { encodeRow } from './copy-rows.ts'

/** Stores one event per line by COPY, in one transaction: all of them or none. */
export async function importLines(
  pool: Pool,
  feed: Feed,
  lines: AsyncIterable<readonly string[]>,
  options: ImportOptions,
): Promise<ImportResult> {
  const client = await pool.connect()
  const reader = new LineReader(feed, options)
  try {
    await client.query('begin')
    if (options.replaces === true) {
      await client.query('delete from pio_events where app_id = $1 and channel_id = $2', [
        feed.appId,
        feed.channelId,
      ])
    }
    await copyIn(client, reader, lines, options.signal)
    if (options.replaces === true && reader.imported === 0) throw nothingToReplace()
    await client.query('commit')
    client.release()
    return { imported: reader.imported, rejected: reader.rejected }
  } catch (error) {
    await client.query('rollback').catch(() => {})
    client.release(true)
    throw reader.explain(error)
  }
}

const nothingToReplace = () =>
  problem('import_failed', 'There is no event to import, so the events there are were kept.', {
    hint: 'To delete all events of an app: pio app data-delete <name>',
  })

async function copyIn(
  client: PoolClient,
  reader: LineReader,
  lines: AsyncIterable<readonly string[]>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const sink = client.query(copyFrom(`copy pio_events (${WRITTEN_COLUMNS.join(', ')}) from stdin`))
  await pipeline(Readable.from(reader.rows(lines)), sink, signal === undefined ? {} : { signal })
}

/** Turns lines into COPY rows and remembers which line became which row. */
class LineReader {
  imported = 0
  readonly rejected: RejectedLine[] = []
  readonly #feed: Feed
  readonly #options: ImportOptions
  readonly #nowIso: string
  /** Numbers of the lines that became no row: blank ones and broken ones. */
  readonly #skipped: number[] = []
  #line = 0

  constructor(feed: Feed, options: ImportOptions) {
    this.#feed = feed
    this.#options = options
    this.#nowIso = new Date(options.nowMs).toISOString()
  }

  async *rows(batches: AsyncIterable<readonly string[]>): AsyncGenerator<string, void, undefined> {
    let chunk = ''
    let bytes = 0
    for await (const lines of batches) {
      for (const line of lines) {
        this.#line += 1
        bytes += line.length + 1
        const row = this.#read(line)
        if (row === undefined) this.#skipped.push(this.#line)
        else chunk += row
        if (chunk.length >= CHUNK_CHARACTERS) {
          this.#options.onLine?.(this.#line, bytes)
          yield chunk
          chunk = ''
        }
      }
    }
    this.#options.onLine?.(this.#line, bytes)
    if (chunk !== '') yield chunk
  }

  #read(line: string): string | undefined {
    if (line.trim() === '') return undefined
    try {
      const event = readEvent(parseLenientJson(line), this.#options.nowMs)
      const ownId = this.#options.dropIds === true ? undefined : event.id
      const id = ownId ?? createEventId(this.#options.nowMs)
      const row = encodeRow(valuesOf(this.#feed, event, id, this.#nowIso))
      this.imported += 1
      return row
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      // Of the one line that was read, only the column is of use.
      const reason = error.message.replace('at line 1, column', 'at column')
      this.rejected.push({ line: this.#line, text: line.slice(0, TEXT_KEPT), reason })
      if (this.rejected.length > this.#options.errorsMax) throw this.#tooManyErrors()
      return undefined
    }
  }

  #placeOf(line: number): string {
    return this.#options.placeOf?.(line) ?? `line ${line}`
  }

  #tooManyErrors(): Problem {
    const lines = this.rejected
      .slice(0, LISTED_MAX)
      .map(({ line, reason }) => `${this.#placeOf(line)}: ${reason}`)
    const more = this.rejected.length - lines.length
    if (more > 0) lines.push(`… and ${more} more`)
    return problem('import_failed', `No event was imported. Broken lines:\n${lines.join('\n')}`, {
      hint: 'Fix these lines, or skip up to <n> broken lines with --max-errors <n>.',
      details: { rejected: this.rejected },
    })
  }

  /** Names the line of a row that PostgreSQL refused: `COPY pio_events, line 5`. */
  explain(error: unknown): unknown {
    if (!isDatabaseError(error) || error.code !== UNIQUE_VIOLATION) return error
    const row = Number(/, line (\d+)/.exec(error.where ?? '')?.[1] ?? 0)
    const line = this.#skipped.reduce((at, skipped) => (skipped <= at ? at + 1 : at), row)
    const id = /=\(\d+, \d+, (.*)\)/.exec(error.detail ?? '')?.[1] ?? ''
    return problem(
      'import_failed',
      `No event was imported. ${this.#placeOf(line)}: the event ID ${id} already exists.`,
      { hint: 'Import with --drop-ids to give all events new IDs.', cause: error },
    )
  }
}

/** Of a broken line, enough to find it again: there may be millions. */
const TEXT_KEPT = 1000
const LISTED_MAX = 100
const CHUNK_CHARACTERS = 65_536
const UNIQUE_VIOLATION = '23505'

type DatabaseError = Error & { code: string; where?: string; detail?: string }
const isDatabaseError = (error: unknown): error is DatabaseError =>
  error instanceof Error && 'code' in error
