import { problem, type Store, type Transfer, type TransferKind } from '../../store/index.ts'
import {
  CANCELED,
  LOG_LINE_MAX,
  recordCancel,
  recordError,
  recordFailure,
  recordStart,
  recordSuccess,
  STOPPED,
} from './transfer-records.ts'
import type { TransferContext, TransferWork } from './transfer-work.ts'

export type NewWork = Readonly<{
  appId: string
  addonId: string
  kind: TransferKind
  fromName: string
  toName: string
  /** Schedule that it is run by. */
  scheduleId?: string | null
  work: TransferWork
}>

type Waiting = Readonly<{ transfer: Transfer; work: TransferWork }>

type Running = Readonly<{
  abort: AbortController
  addonId: string | null
  /** Bytes of the moment. */
  progress: { bytes: number }
  end: Promise<void>
}>

/**
 * Runs backups, restores and copies, a few at a time. Each is recorded before it starts, and its end
 * is recorded with the reason: nothing counts as a success that has not been seen to be one.
 */
export class TransferQueue {
  readonly #store: Store
  readonly #onBug: (error: unknown) => void
  readonly #waiting: Waiting[] = []
  readonly #running = new Map<string, Running>()

  constructor(store: Store, onBug: (error: unknown) => void) {
    this.#store = store
    this.#onBug = onBug
  }

  /** @throws Problem `invalid_params` when too many wait already */
  add({ work, scheduleId = null, ...transfer }: NewWork): Transfer {
    if (this.#waiting.length >= WAITING_MAX) {
      throw problem('invalid_params', `${WAITING_MAX} backups are waiting already.`, {
        hint: 'Wait for them, or cancel some: heroku pg:backups:cancel',
      })
    }
    const record = this.#store.transfers.create({ ...transfer, scheduleId })
    this.#waiting.push({ transfer: record, work })
    setImmediate(() => this.#startNext())
    return record
  }

  /** Whether one runs for that database: a restore has the place beside it to itself. */
  isBusy(addonId: string | null): boolean {
    return [...this.#running.values()].some((entry) => entry.addonId === addonId)
  }

  /** As recorded, with the bytes of the moment. */
  current(transfer: Transfer): Transfer {
    const running = this.#running.get(transfer.id)
    return running === undefined
      ? transfer
      : { ...transfer, processedBytes: running.progress.bytes }
  }

  /** Stops it if it has not ended; resolves when it has. */
  async cancel({ id }: Transfer): Promise<void> {
    const position = this.#waiting.findIndex(({ transfer }) => transfer.id === id)
    if (position >= 0) {
      this.#waiting.splice(position, 1)
      recordCancel(id, this.#store)
    }
    const running = this.#running.get(id)
    running?.abort.abort(CANCELED)
    await running?.end
  }

  /** At start: what a dead control plane left half done is a failure, and says so. */
  recover(): void {
    for (const { id } of this.#store.transfers.unfinished()) {
      recordFailure(id, STOPPED, this.#store)
    }
  }

  /** Stops what runs and waits for it; the next start records what was still waiting. */
  async close(): Promise<void> {
    this.#waiting.length = 0
    for (const { abort } of this.#running.values()) abort.abort(STOPPED)
    while (this.#running.size > 0) await this.#ends()
  }

  /** Resolves when everything that was added has ended. */
  async idle(): Promise<void> {
    while (this.#waiting.length > 0 || this.#running.size > 0) {
      await this.#ends()
      await new Promise(setImmediate)
    }
  }

  async #ends(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ end }) => end))
  }

  #startNext(): void {
    if (this.#running.size >= AT_ONCE) return
    const position = this.#waiting.findIndex(({ transfer }) => !this.isBusy(transfer.addonId))
    const [next] = position < 0 ? [] : this.#waiting.splice(position, 1)
    if (next === undefined) return
    const { id, addonId } = next.transfer
    const abort = new AbortController()
    const progress = { bytes: 0 }
    const end = this.#run(next, abort.signal, progress)
      .catch(this.#onBug)
      .finally(() => {
        this.#running.delete(id)
        this.#startNext()
      })
    this.#running.set(id, { abort, addonId, progress, end })
  }

  async #run(
    { transfer: { id }, work }: Waiting,
    signal: AbortSignal,
    progress: Running['progress'],
  ): Promise<void> {
    const context: TransferContext = {
      signal,
      log: (line) => this.#store.transfers.log(id, line.slice(0, LOG_LINE_MAX)),
      progress: (bytes) => void (progress.bytes = bytes),
    }
    const started = recordStart(id, this.#store)
    try {
      recordSuccess(id, await work(started, context), this.#store)
    } catch (error) {
      recordError(id, error, signal, this.#store)
    }
  }
}

/** Two keep a small machine's disk busy; more only make each other slow. */
const AT_ONCE = 2

/** More are refused: each is a full dump of a database. */
const WAITING_MAX = 50
