import { closeSync, constants, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Remembers the last line that a drain's receiver has, so that a new start continues behind it. */
export class PositionFile {
  readonly #fd: number

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600)
  }

  read(): number | undefined {
    const text = readFileSync(this.#fd, 'utf8')
    return /^\d{16}$/.test(text) ? Number(text) : undefined
  }

  /** The length never changes, so a write in place is never seen half. */
  write(line: number): void {
    writeSync(this.#fd, String(line).padStart(16, '0'), 0)
  }

  close(): void {
    closeSync(this.#fd)
  }
}
