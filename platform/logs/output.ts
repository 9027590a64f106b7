import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs'
import { codeOf } from '@hokku/kit/error-code'
import type { AppLog } from './app-log.ts'
import type { Clock } from './clock.ts'
import type { FollowedOutput } from './contract.ts'
import { freeRange } from './free-range.ts'
import { READ_BYTES_MAX, type Source } from './pump.ts'
import { splitLines } from './split-lines.ts'

/** All reads share one buffer: they are synchronous, and the log copies what someone keeps. */
const buffer = Buffer.allocUnsafe(READ_BYTES_MAX)

/** A dyno's output file on its way into the log. */
export class Output implements Source {
  readonly watched: string
  readonly #output: FollowedOutput
  readonly #log: AppLog
  readonly #clock: Clock
  #fd: number | undefined
  #freed = 0
  /** Size of the file as of the last read; a line without its end may wait before it. */
  #seen = 0

  constructor(output: FollowedOutput, log: AppLog, clock: Clock) {
    this.watched = output.file
    this.#output = output
    this.#log = log
    this.#clock = clock
  }

  hasMore(): boolean {
    const fd = this.#open()
    return fd !== undefined && fstatSync(fd).size !== this.#seen
  }

  /** Turns at most one budget of bytes into lines. */
  read(atEnd = false): 'full' | 'some' | 'none' {
    const fd = this.#open()
    if (fd === undefined) return 'none'
    const offset = this.#log.positionOf(this.#output.id)
    const length = readSync(fd, buffer, 0, READ_BYTES_MAX, offset)
    this.#seen = offset + length
    if (length === 0) return this.#startOverIfTruncated(fd, offset)
    const isLast = atEnd && length < READ_BYTES_MAX
    const { text, count, consumed } = splitLines(buffer.subarray(0, length), isLast)
    if (consumed === 0) return 'none'
    this.#append(text, count, offset + consumed)
    this.#release(fd, offset + consumed)
    return length === READ_BYTES_MAX ? 'full' : 'some'
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  #append(text: Buffer, count: number, offset: number): void {
    const { id, process } = this.#output
    const position = { output: id, offset }
    this.#log.append([{ at: this.#clock(), source: 'app', process, text, count, position }])
  }

  /** The file may come after us: the dyno is just being started. */
  #open(): number | undefined {
    try {
      this.#fd ??= openSync(this.#output.file, this.#output.keep === true ? 'r' : 'r+')
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
    }
    return this.#fd
  }

  #startOverIfTruncated(fd: number, offset: number): 'some' | 'none' {
    if (fstatSync(fd).size >= offset) return 'none'
    this.#append(Buffer.alloc(0), 0, 0)
    this.#freed = 0
    return 'some'
  }

  /** Gives consumed bytes back to the disk; the app keeps appending at the same offset. */
  #release(fd: number, offset: number): void {
    if (this.#output.keep === true || offset - this.#freed < FREE_BYTES) return
    const from = this.#freed
    this.#freed = offset - (offset % BLOCK_BYTES)
    void freeRange(this.#output.file, from, this.#freed).then((isFreed) => {
      if (!isFreed && this.#fd !== undefined) this.#truncate(fd)
    })
  }

  /**
   * Where holes cannot be punched: empties the file in a moment when everything in it has been
   * read. A line written between the two calls would be lost, which is why holes come first.
   */
  #truncate(fd: number): void {
    if (fstatSync(fd).size === this.#log.positionOf(this.#output.id)) ftruncateSync(fd, 0)
    this.#freed = 0
  }
}

/** Worth a child process; at most this much of an output lies on the disk twice. */
const FREE_BYTES = 8 * 1024 * 1024
const BLOCK_BYTES = 4096
