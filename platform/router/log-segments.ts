import { closeSync, mkdirSync, openSync, readdirSync, rmSync, write } from 'node:fs'
import { join } from 'node:path'
import { errorOf } from '@hokku/kit/problem'

export type LogSegmentsOptions = Readonly<{
  directory: string
  /** Epoch milliseconds. */
  now?: () => number
  /** Called with what could not be written. */
  onTrouble?: (error: Error) => void
}>

/**
 * Appends the request lines of all apps to segment files, `<app id>\t<microseconds>\t<line>\n`.
 * Names sort by age; a reader may remove any segment but the newest.
 *
 * Lines are on their way to the file within `FLUSH_MS`; a full or slow disk never delays a
 * request: what does not fit is dropped and counted.
 */
export class LogSegments {
  readonly #directory: string
  readonly #now: () => number
  readonly #onTrouble: (error: Error) => void
  #file: number | undefined
  #openedMs = 0
  #bytes = 0
  #lines: string[] = []
  #linesBytes = 0
  #timer: NodeJS.Timeout | undefined
  #writing = false
  #afterWrite: (() => void) | undefined
  #lastMicros = 0
  #dropped = 0

  constructor({ directory, now = Date.now, onTrouble = () => {} }: LogSegmentsOptions) {
    this.#directory = directory
    this.#now = now
    this.#onTrouble = onTrouble
    mkdirSync(directory, { recursive: true, mode: 0o700 })
  }

  append(appId: string, line: string): void {
    if (this.#linesBytes > BUFFER_BYTES_MAX) {
      this.#dropped++
      return
    }
    const text = `${appId}\t${this.#micros()}\t${line}\n`
    this.#lines.push(text)
    this.#linesBytes += text.length
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS)
  }

  /** Resolves when everything is written. */
  async close(): Promise<void> {
    while (this.#writing || this.#lines.length > 0) {
      clearTimeout(this.#timer)
      this.#timer = undefined
      const written = new Promise<void>((resolve) => (this.#afterWrite = resolve))
      this.#flush()
      await written
    }
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }

  /** Distinct and increasing even within a millisecond, so that lines keep their order. */
  #micros(): number {
    this.#lastMicros = Math.max(this.#now() * 1000, this.#lastMicros + 1)
    return this.#lastMicros
  }

  #take(): string {
    const text = this.#lines.join('')
    this.#lines = []
    this.#linesBytes = 0
    return text
  }

  #flush(): void {
    this.#timer = undefined
    if (this.#writing || this.#lines.length === 0) return
    this.#writing = true
    const bytes = Buffer.from(this.#take())
    try {
      this.#write(this.#segment(), bytes)
    } catch (error) {
      this.#written(errorOf(error))
    }
  }

  #write(file: number, bytes: Buffer): void {
    write(file, bytes, (error, written) => {
      this.#bytes += written
      if (error === null && written < bytes.length) this.#write(file, bytes.subarray(written))
      else this.#written(error)
    })
  }

  #written(error: Error | null): void {
    this.#writing = false
    if (error !== null) this.#onTrouble(error)
    if (this.#dropped > 0) {
      this.#onTrouble(new Error(`${this.#dropped} request lines were dropped: the disk is slow`))
      this.#dropped = 0
    }
    if (this.#lines.length > 0) this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS)
    this.#afterWrite?.()
  }

  /** The file to write to now: a new one every so many bytes or minutes. */
  #segment(): number {
    const now = this.#now()
    const isFull = this.#bytes >= SEGMENT_BYTES_MAX || now - this.#openedMs >= SEGMENT_MS
    if (this.#file !== undefined && !isFull) return this.#file
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    removeOldest(this.#directory)
    const name = `${String(this.#micros()).padStart(MICROS_DIGITS, '0')}.log`
    this.#file = openSync(join(this.#directory, name), 'ax', 0o600)
    this.#openedMs = now
    this.#bytes = 0
    return this.#file
  }
}

/** Keeps the folder bounded while no one reads it (a control plane that is down for days). */
function removeOldest(directory: string): void {
  const segments = readdirSync(directory).filter((name) => name.endsWith('.log'))
  for (const name of segments.toSorted().slice(0, -SEGMENTS_MAX)) {
    rmSync(join(directory, name), { force: true })
  }
}

const FLUSH_MS = 30
const SEGMENT_BYTES_MAX = 16 * 1024 * 1024
const SEGMENT_MS = 60_000
const SEGMENTS_MAX = 64
const BUFFER_BYTES_MAX = 8 * 1024 * 1024
const MICROS_DIGITS = 17
