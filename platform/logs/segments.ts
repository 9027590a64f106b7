import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  writevSync,
} from 'node:fs'
import { join } from 'node:path'
import { decodeRecords, type StoredRecord } from './log-record.ts'

/**
 * An app's records on disk: append-only segments named after the number of their first line. The
 * newest is written, the ones before it are kept while the app's history needs them.
 *
 * Writes are synchronous: they cost microseconds, need no queue in memory, and what has been
 * written survives the death of this process. They are not synced: a power cut may take the last
 * seconds.
 */
export class Segments {
  readonly #folder: string
  /** First line numbers, oldest first; the last is the one being written. */
  #firsts: number[]
  #fd: number
  #bytes: number

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.#folder = folder
    this.#firsts = readdirSync(folder)
      .map((name) => Number(SEGMENT.exec(name)?.[1] ?? Number.NaN))
      .filter((first) => !Number.isNaN(first))
      .toSorted((a, b) => a - b)
    if (this.#firsts.length === 0) this.#firsts = [1]
    this.#fd = openSync(this.#path(this.newest), 'a', 0o600)
    this.#bytes = decodeRecords(readFileSync(this.#path(this.newest))).bytes
    // What a killed process wrote only half: its position was not moved either, so it is read again.
    ftruncateSync(this.#fd, this.#bytes)
  }

  /** Number of the first line in the segment that is being written. */
  get newest(): number {
    return this.#firsts.at(-1) ?? 1
  }

  /** Number of the first line that is still on disk. */
  get oldest(): number {
    return this.#firsts[0] ?? 1
  }

  /** Bytes in the segment that is being written. */
  get bytes(): number {
    return this.#bytes
  }

  /** Appends all or nothing. */
  append(parts: readonly Uint8Array[]): void {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    try {
      const written = writevSync(this.#fd, parts)
      if (written < length) throw Object.assign(new Error('disk is full'), { code: 'ENOSPC' })
    } catch (error) {
      ftruncateSync(this.#fd, this.#bytes)
      throw error
    }
    this.#bytes += length
  }

  /** All records from the segment that holds line `first` on. */
  read(first = 0): StoredRecord[] {
    const start = this.#firsts.findLastIndex((segment) => segment <= first)
    return this.#firsts
      .slice(Math.max(0, start))
      .flatMap((segment) => decodeRecords(readFileSync(this.#path(segment))).records)
  }

  /** Starts a new segment, whose first line will be `first`. */
  rotate(first: number): void {
    if (first === this.newest) return
    const fd = openSync(this.#path(first), 'a', 0o600)
    closeSync(this.#fd)
    this.#fd = fd
    this.#bytes = 0
    this.#firsts.push(first)
  }

  /** Removes finished segments that hold only lines before `first`, or nothing younger than `time`. */
  forget(first: number, time: number): void {
    const isOver = (i: number): boolean => {
      const next = this.#firsts[i + 1]
      if (next === undefined) return false
      return next <= first || statSync(this.#path(this.#firsts[i] ?? 0)).mtimeMs < time
    }
    const over = this.#firsts.filter((_, i) => isOver(i))
    for (const segment of over) unlinkSync(this.#path(segment))
    this.#firsts = this.#firsts.filter((segment) => !over.includes(segment))
  }

  close(): void {
    closeSync(this.#fd)
  }

  #path(first: number): string {
    return join(this.#folder, `${String(first).padStart(15, '0')}.log`)
  }
}

const SEGMENT = /^(\d{15})\.log$/
