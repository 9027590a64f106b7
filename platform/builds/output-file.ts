import { closeSync, createReadStream, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * The output of a running build: a file that grows, and readers that follow it. Everything is on
 * disk before a reader sees it.
 */
export class OutputFile {
  readonly file: string
  readonly #descriptor: number
  readonly #readers = new Set<() => void>()
  #bytes = 0
  #ended = false

  constructor(file: string) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o711 })
    this.file = file
    this.#descriptor = openSync(file, 'a', 0o600)
  }

  write(text: string | Uint8Array): void {
    if (this.#ended) return
    const bytes = typeof text === 'string' ? Buffer.from(text) : text
    writeSync(this.#descriptor, bytes)
    this.#bytes += bytes.length
    this.#wake()
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    closeSync(this.#descriptor)
    this.#wake()
  }

  /** Everything so far, and what follows until the end. */
  async *follow(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    let read = 0
    while (!signal.aborted) {
      const bytes = this.#bytes
      if (read < bytes) {
        for await (const chunk of createReadStream(this.file, { start: read, end: bytes - 1 })) {
          yield chunk as Uint8Array
        }
        read = bytes
      } else if (this.#ended) return
      else await this.#change(signal)
    }
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#readers.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#readers.add(done)
      signal.addEventListener('abort', done)
    })
  }

  #wake(): void {
    for (const reader of this.#readers) reader()
  }
}
