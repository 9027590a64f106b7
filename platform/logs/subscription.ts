import type { LogFilter, LogRecord } from './contract.ts'
import { matches } from './log-filter.ts'
import type { LogBatch } from './log-batch.ts'

/**
 * The queue of one tail or drain. It never holds up the log: when it is full the oldest lines go,
 * and the reader learns how many.
 */
export class Subscription {
  readonly #filter: LogFilter
  #records: LogRecord[] = []
  #bytes = 0
  #dropped: LogBatch['dropped'] = null
  #wake = (): void => {}

  constructor(filter: LogFilter) {
    this.#filter = filter
  }

  push(record: LogRecord): void {
    if (record.count === 0 || !matches(record, this.#filter)) return
    this.#records.push(record)
    this.#bytes += weight(record)
    while (this.#bytes > QUEUE_BYTES_MAX && this.#records.length > 1) this.#dropOldest()
    this.#wake()
  }

  /** Resolves when there is something to take, after `patienceMs`, or when aborted. */
  arrival(patienceMs: number, signal: AbortSignal): Promise<void> {
    if (this.#records.length > 0 || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        this.#wake = () => {}
        resolve()
      }
      const timer = setTimeout(done, patienceMs).unref()
      signal.addEventListener('abort', done, { once: true })
      this.#wake = done
    })
  }

  /** Takes all that has come. */
  take(): LogBatch {
    const batch = { records: this.#records, dropped: this.#dropped }
    this.#records = []
    this.#bytes = 0
    this.#dropped = null
    return batch
  }

  #dropOldest(): void {
    const oldest = this.#records.shift()
    if (oldest === undefined) return
    this.#bytes -= weight(oldest)
    this.#dropped = {
      count: (this.#dropped?.count ?? 0) + oldest.count,
      since: this.#dropped?.since ?? oldest.at,
      last: oldest.first + oldest.count - 1,
    }
  }
}

/** Room for about 1,500 lines of usual length many times over; a stalled reader costs no more. */
const QUEUE_BYTES_MAX = 4 * 1024 * 1024

/** Short lines cost more than their text. */
const weight = (record: LogRecord): number => record.text.length + 200
