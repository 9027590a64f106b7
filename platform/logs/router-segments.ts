import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { AppLog } from './app-log.ts'
import type { LogEntry } from './log-record.ts'
import { READ_BYTES_MAX, type Source } from './pump.ts'
import { parseRouterLines, type RouterLine } from './router-lines.ts'
import { splitLines } from './split-lines.ts'

const buffer = Buffer.allocUnsafe(READ_BYTES_MAX)

/**
 * The router's request lines on their way into the logs of its apps. Segments are read in order of
 * age; one that has a successor and no more lines is removed.
 *
 * A segment holds lines of many apps, so no single write can commit its position: each app
 * remembers how far into each segment its own lines have been taken. After a crash segments are
 * read from their start, and every app skips what it has.
 */
export class RouterSegments implements Source {
  readonly watched: string
  readonly #logOf: (appId: string) => AppLog | undefined
  #current: { name: string; fd: number; offset: number } | undefined

  constructor(folder: string, logOf: (appId: string) => AppLog | undefined) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.watched = folder
    this.#logOf = logOf
  }

  /** Whether an app's position in `output` may still be needed. */
  isFollowed(output: string): boolean {
    return output.startsWith(OUTPUT) && this.#names().includes(output.slice(OUTPUT.length))
  }

  hasMore(): boolean {
    const current = this.#current
    if (current === undefined) return this.#names().length > 0
    return this.#hasSuccessor(current.name) || fstatSync(current.fd).size > current.offset
  }

  read(): 'full' | 'some' | 'none' {
    const current = this.#open()
    if (current === undefined) return 'none'
    const length = readSync(current.fd, buffer, 0, READ_BYTES_MAX, current.offset)
    const { lines, consumed } = parseRouterLines(buffer.subarray(0, length), current.offset)
    const overlong = consumed === 0 && length === READ_BYTES_MAX ? length : 0
    this.#deliver(current.name, lines)
    current.offset += consumed + overlong
    if (length === READ_BYTES_MAX) return 'full'
    if (consumed > 0) return 'some'
    return this.#removeIfFinished() ? 'full' : 'none'
  }

  close(): void {
    if (this.#current !== undefined) closeSync(this.#current.fd)
    this.#current = undefined
  }

  #open() {
    const [name] = this.#current === undefined ? this.#names() : []
    if (name !== undefined) {
      this.#current = { name, fd: openSync(join(this.watched, name), 'r'), offset: 0 }
    }
    return this.#current
  }

  #deliver(segment: string, lines: readonly RouterLine[]): void {
    const output = OUTPUT + segment
    for (const [appId, ofApp] of Map.groupBy(lines, (line) => line.appId)) {
      const log = this.#logOf(appId)
      const taken = log?.positionOf(output) ?? 0
      log?.append(ofApp.filter(({ end }) => end > taken).map((line) => entryOf(line, output)))
    }
  }

  /** A write to the old segment may still be under way when the new one is there already. */
  #removeIfFinished(): boolean {
    const current = this.#current
    if (current === undefined || !this.#hasSuccessor(current.name)) return false
    if (Date.now() - fstatSync(current.fd).mtimeMs < SETTLE_MS) return false
    this.close()
    // The router removes the oldest itself when no one has read them for long.
    rmSync(join(this.watched, current.name), { force: true })
    return true
  }

  #hasSuccessor(segment: string): boolean {
    return this.#names().some((name) => name > segment)
  }

  #names(): string[] {
    return readdirSync(this.watched)
      .filter((name) => !name.startsWith('.'))
      .toSorted()
  }
}

/** Positions in segments are remembered under this and the segment's name. */
const OUTPUT = 'router/'
const SETTLE_MS = 1000

function entryOf(line: RouterLine, output: string): LogEntry {
  const { text, count } = splitLines(Buffer.from(line.message, 'latin1'), true)
  const position = { output, offset: line.end }
  return { at: line.at, source: 'heroku', process: 'router', text, count, position }
}
