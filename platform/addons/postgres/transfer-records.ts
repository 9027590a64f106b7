import { Problem } from '@hokku/kit/problem'
import type { Store, Transfer } from '../../store/index.ts'
import type { TransferOutcome } from './transfer-work.ts'

/** What ends a transfer before its own end: the reason of its abort signal. */
export const CANCELED = 'Canceled'
export const STOPPED = 'hokku was stopped meanwhile; start it again.'

export function recordStart(id: string, store: Store): Transfer {
  return store.transaction(() => {
    store.transfers.log(id, 'Running')
    return store.transfers.update(id, { startedAt: store.now() })
  })
}

export function recordSuccess(id: string, outcome: TransferOutcome, store: Store): void {
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

export function recordCancel(id: string, store: Store): void {
  store.transaction(() => {
    const at = store.now()
    store.transfers.update(id, { finishedAt: at, canceledAt: at })
    store.transfers.log(id, CANCELED)
  })
}

export function recordFailure(id: string, reason: string, store: Store): void {
  store.transaction(() => {
    store.transfers.update(id, { finishedAt: store.now(), canceledAt: null })
    store.transfers.log(id, `Failed: ${reason}`)
  })
}

/** How work ended that threw: by its signal, if that was aborted. */
export function recordError(id: string, error: unknown, signal: AbortSignal, store: Store): void {
  if (!signal.aborted) recordFailure(id, reasonOf(error), store)
  else if (signal.reason === CANCELED) recordCancel(id, store)
  else recordFailure(id, String(signal.reason), store)
}

function reasonOf(error: unknown): string {
  const hint = error instanceof Problem && error.hint !== undefined ? `\n${error.hint}` : ''
  return `${error instanceof Error ? error.message : String(error)}${hint}`.slice(0, LOG_LINE_MAX)
}

/** Length of one line of a transfer's log, in characters: a screenful. */
export const LOG_LINE_MAX = 10_000
