import { join } from 'node:path'
import type { Clock } from './clock.ts'
import type { LogFilter, LogRecord, LogSource } from './contract.ts'
import type { LogBatch } from './log-batch.ts'
import { matches } from './log-filter.ts'
import {
  emptyText,
  encodeHeader,
  newestLines,
  skipLines,
  type LogEntry,
  type StoredRecord,
} from './log-record.ts'
import { Segments } from './segments.ts'
import { splitLines } from './split-lines.ts'
import { Subscription } from './subscription.ts'

export type AppLogEffects = Readonly<{
  clock: Clock
  /** Outputs whose position must not be forgotten, because they may still be read on. */
  isFollowed: (output: string) => boolean
}>

/**
 * One app's log: numbers its lines, keeps the newest on disk and hands them to subscribers. Memory
 * holds none of them, so an idle app costs nothing.
 */
export class AppLog {
  readonly folder: string
  readonly #effects: AppLogEffects
  readonly #segments: Segments
  readonly #subscriptions = new Set<Subscription>()
  readonly #positions = new Map<string, { offset: number; touchedAt: number }>()
  readonly #closing = new AbortController()
  #next = 1
  /** Time of the first record in the newest segment. */
  #startedAt: number
  #lost = 0

  constructor(folder: string, effects: AppLogEffects) {
    this.folder = folder
    this.#effects = effects
    this.#segments = new Segments(join(folder, 'segments'))
    this.#startedAt = effects.clock()
    const records = this.#segments.read()
    this.#next = this.#segments.newest
    for (const { first, count, position } of records) {
      this.#next = Math.max(this.#next, first + count)
      if (position !== null) this.#remember(position.output, position.offset)
    }
    this.#startedAt =
      records.find(({ first }) => first >= this.#segments.newest)?.at ?? this.#startedAt
  }

  /** Number that the next line will get. */
  get next(): number {
    return this.#next
  }

  /** Aborted when the log is closed: its readers end. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  /** Up to where a followed output has become lines. */
  positionOf(output: string): number {
    return this.#positions.get(output)?.offset ?? 0
  }

  /** Appends a line of the platform's own. A full disk costs the line, never the platform. */
  write(source: LogSource, process: string, message: string): void {
    const { text, count } = splitLines(Buffer.from(message), true)
    try {
      this.append([{ at: this.#effects.clock(), source, process, text, count, position: null }])
    } catch {
      this.#lost += count
    }
  }

  /**
   * Appends entries, all or none, so that they survive this process, and hands them on.
   *
   * @throws Error if the disk does not take them, e.g. `ENOSPC`
   */
  append(entries: readonly LogEntry[]): void {
    this.#rotateIfFull()
    const records = this.#number([...this.#lossReport(), ...entries])
    this.#write(records)
    this.#lost = 0
    const last = records.at(-1)
    if (last !== undefined) this.#next = last.first + last.count
    for (const { position } of records) {
      if (position !== null) this.#remember(position.output, position.offset)
    }
    this.#publish(records)
  }

  /** Everything on disk from line `first` on. */
  since(first: number): LogRecord[] {
    return this.#segments
      .read(first)
      .filter((record) => record.count > 0 && record.first + record.count > first)
      .map((record) => skipLines(record, first - record.first))
  }

  /** The newest lines that pass, oldest first, of the 1,500 and the week that count as history. */
  newest(lines: number, filter: LogFilter): LogRecord[] {
    const oldest = this.#effects.clock() - HISTORY_MICROS
    const records = this.since(Math.max(1, this.#next - HISTORY_LINES_MAX)).filter(
      (record) => record.at >= oldest && matches(record, filter),
    )
    return newestLines(records, lines)
  }

  /** What a reader that has seen everything up to line `seen` has missed since. */
  resume(seen: number, filter: LogFilter): LogBatch {
    const records = this.since(seen + 1)
    const oldest = records[0]?.first ?? this.#next
    const missed = oldest - seen - 1
    return {
      records: records.filter((record) => matches(record, filter)),
      dropped:
        missed > 0
          ? { count: missed, since: records[0]?.at ?? this.#effects.clock(), last: oldest - 1 }
          : null,
    }
  }

  subscribe(filter: LogFilter): Subscription {
    const subscription = new Subscription(filter)
    this.#subscriptions.add(subscription)
    return subscription
  }

  unsubscribe(subscription: Subscription): void {
    this.#subscriptions.delete(subscription)
  }

  /** Takes lines of more than a week off the disk. */
  expire(): void {
    const oldest = this.#effects.clock() - HISTORY_MICROS
    const newest = this.#segments.read(this.#next - 1).at(-1)
    if (newest !== undefined && newest.count > 0 && newest.at < oldest) this.#rotate()
    this.#segments.forget(0, oldest / 1000)
  }

  close(): void {
    this.#closing.abort()
    this.#segments.close()
  }

  #number(entries: readonly LogEntry[]): StoredRecord[] {
    let first = this.#next
    return entries.map((entry) => {
      const record = { ...entry, first }
      first += entry.count
      return record
    })
  }

  #write(records: readonly StoredRecord[]): void {
    this.#segments.append(
      records.flatMap((record) => [Buffer.from(encodeHeader(record), 'latin1'), record.text]),
    )
  }

  /** Readers may keep a record for a while, whereas its text may be part of a read buffer. */
  #publish(records: readonly StoredRecord[]): void {
    if (this.#subscriptions.size === 0) return
    for (const record of records) {
      const kept = { ...record, text: Buffer.from(record.text) }
      for (const subscription of this.#subscriptions) subscription.push(kept)
    }
  }

  #remember(output: string, offset: number): void {
    this.#positions.set(output, { offset, touchedAt: this.#effects.clock() })
  }

  #lossReport(): LogEntry[] {
    if (this.#lost === 0) return []
    const at = this.#effects.clock()
    const message = `Error L12 (local buffer overflow): ${this.#lost} messages dropped\n`
    const text = Buffer.from(message)
    return [{ at, source: 'heroku', process: 'logplex', text, count: 1, position: null }]
  }

  #rotateIfFull(): void {
    const lines = this.#next - this.#segments.newest
    const isOld = this.#effects.clock() - this.#startedAt > SEGMENT_MICROS_MAX && lines > 0
    const isFull = lines >= HISTORY_LINES_MAX && this.#segments.bytes >= SEGMENT_BYTES
    if (isFull || isOld) this.#rotate()
  }

  /** The new segment starts with the positions, so that older ones can be removed. */
  #rotate(): void {
    const now = this.#effects.clock()
    this.#segments.rotate(this.#next)
    this.#startedAt = now
    for (const [output, { touchedAt }] of this.#positions) {
      const isOver = touchedAt < now - POSITION_MICROS && !this.#effects.isFollowed(output)
      if (isOver) this.#positions.delete(output)
    }
    const at = { at: now, source: 'heroku', process: 'logplex', text: emptyText, count: 0 } as const
    this.#write(
      this.#number(
        [...this.#positions].map(([output, { offset }]) => ({
          ...at,
          position: { output, offset },
        })),
      ),
    )
    this.#segments.forget(this.#next - HISTORY_LINES_MAX, (now - HISTORY_MICROS) / 1000)
  }
}

const SECOND = 1_000_000
const HOUR = 3600 * SECOND

/** As on Heroku: the newest 1,500 lines, of at most one week. */
export const HISTORY_LINES_MAX = 1500
const HISTORY_MICROS = 7 * 24 * HOUR

/** A segment ends when it holds a whole history and is worth a file, or after a day. */
const SEGMENT_BYTES = 2 * 1024 * 1024
const SEGMENT_MICROS_MAX = 24 * HOUR

/** How long the position of an unfollowed output is kept: adoption takes seconds. */
const POSITION_MICROS = HOUR
