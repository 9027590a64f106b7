import { Problem } from '@hokku/kit/problem'
import { problem, type Store, type Transfer, type TransferKind } from '../../store/index.ts'

/** What a transfer at work may use. */
export type TransferContext = Readonly<{
  signal: AbortSignal
  log: (line: string) => void
  progress: (bytes: number) => void
}>

export type TransferOutcome = Readonly<{
  bytes: number
  sha256?: string
  /** Size of the database, before compression. */
  sourceBytes?: number
  warnings?: number
}>

export type TransferWork = (
  transfer: Transfer,
  context: TransferContext,
) => Promise<TransferOutcome>

export type NewWork = Readonly<{
  appId: string
  addonId: string
  kind: TransferKind
  fromName: string
  toName: string
  scheduleId?: string
  work: TransferWork
}>

export type TransferQueue = ReturnType<typeof createTransferQueue>

/**
 * Runs backups, restores and copies, a few at a time. Each is recorded before it starts, and its end
 * is recorded with the reason: nothing counts as a success that has not been seen to be one.
 */
export function createTransferQueue(store: Store, onBug: (error: unknown) => void) {
  const waiting: { transfer: Transfer; work: TransferWork }[] = []
  const running = new Map<string, Running>()

  /** One at a time for each database: a restore has the place beside it to itself. */
  const isBusy = (addonId: string | null): boolean =>
    [...running.values()].some((entry) => entry.addonId === addonId)

  const startNext = (): void => {
    if (running.size >= AT_ONCE) return
    const position = waiting.findIndex(({ transfer }) => !isBusy(transfer.addonId))
    const [next] = position < 0 ? [] : waiting.splice(position, 1)
    if (next === undefined) return
    const abort = new AbortController()
    const entry = { abort, addonId: next.transfer.addonId, bytes: 0, end: Promise.resolve() }
    running.set(next.transfer.id, entry)
    entry.end = run(next.transfer, next.work, entry)
      .catch(onBug)
      .finally(() => {
        running.delete(next.transfer.id)
        startNext()
      })
  }

  const run = async ({ id }: Transfer, work: TransferWork, entry: Running): Promise<void> => {
    const transfer = store.transaction(() => {
      store.transfers.log(id, 'Running')
      return store.transfers.update(id, { startedAt: store.now() })
    })
    const { signal } = entry.abort
    const context = {
      signal,
      log: (line: string) => store.transfers.log(id, line.slice(0, LOG_LINE_MAX)),
      progress: (bytes: number) => void (entry.bytes = bytes),
    }
    try {
      succeed(store, id, await work(transfer, context))
    } catch (error) {
      const canceled = signal.aborted && signal.reason === CANCELED
      fail(store, id, canceled ? CANCELED : `Failed: ${reasonOf(error, signal)}`, canceled)
    }
  }

  return {
    isBusy,
    /** @throws Problem `invalid_params` when too many wait already */
    add: ({ work, ...transfer }: NewWork): Transfer => {
      if (waiting.length >= WAITING_MAX) {
        throw problem('invalid_params', `${WAITING_MAX} backups are waiting already.`, {
          hint: 'Wait for them, or cancel some: heroku pg:backups:cancel',
        })
      }
      const record = store.transfers.create({
        ...transfer,
        scheduleId: transfer.scheduleId ?? null,
      })
      waiting.push({ transfer: record, work })
      setImmediate(startNext)
      return record
    },
    /** As recorded, with the bytes of the moment. */
    current: (transfer: Transfer): Transfer => {
      const bytes = running.get(transfer.id)?.bytes
      return bytes === undefined ? transfer : { ...transfer, processedBytes: bytes }
    },
    /** Stops it if it has not ended; resolves when it has. */
    cancel: async (transfer: Transfer): Promise<void> => {
      const position = waiting.findIndex((entry) => entry.transfer.id === transfer.id)
      if (position >= 0) {
        waiting.splice(position, 1)
        fail(store, transfer.id, CANCELED, true)
      }
      const entry = running.get(transfer.id)
      entry?.abort.abort(CANCELED)
      await entry?.end
    },
    /** At start: what a dead plane left half done is a failure, and says so. */
    recover: (): void => {
      for (const { id } of store.transfers.unfinished()) {
        fail(store, id, `Failed: ${STOPPED}`, false)
      }
    },
    /** Stops what runs and waits for it; the next start records what was still waiting. */
    close: async (): Promise<void> => {
      waiting.length = 0
      for (const { abort } of running.values()) abort.abort(STOPPED)
      while (running.size > 0) await Promise.all([...running.values()].map(({ end }) => end))
    },
    /** Resolves when everything that was added has ended. */
    idle: async (): Promise<void> => {
      while (waiting.length > 0 || running.size > 0) {
        await Promise.all([...running.values()].map(({ end }) => end))
        await new Promise(setImmediate)
      }
    },
  }
}

/** Two keep a small machine's disk busy; more only make each other slow. */
const AT_ONCE = 2
const LOG_LINE_MAX = 10_000
const WAITING_MAX = 50

const CANCELED = 'Canceled'
const STOPPED = 'hokku was stopped meanwhile; start it again.'

type Running = {
  abort: AbortController
  addonId: string | null
  bytes: number
  end: Promise<void>
}

function succeed(store: Store, id: string, outcome: TransferOutcome): void {
  store.transaction(() => {
    store.transfers.update(id, {
      finishedAt: store.now(),
      succeeded: true,
      processedBytes: outcome.bytes,
      sourceBytes: outcome.sourceBytes ?? outcome.bytes,
      warnings: outcome.warnings ?? 0,
      sha256: outcome.sha256 ?? null,
    })
    store.transfers.log(id, 'Completed')
  })
}

function fail(store: Store, id: string, message: string, canceled: boolean): void {
  store.transaction(() => {
    const at = store.now()
    store.transfers.update(id, { finishedAt: at, canceledAt: canceled ? at : null })
    store.transfers.log(id, message)
  })
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return String(signal.reason)
  const hint = error instanceof Problem && error.hint !== undefined ? `\n${error.hint}` : ''
  return `${error instanceof Error ? error.message : String(error)}${hint}`.slice(0, LOG_LINE_MAX)
}
