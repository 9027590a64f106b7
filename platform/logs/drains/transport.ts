import type { LogRecord } from '../contract.ts'

/** A way to a receiver of logs. */
export type Transport = Readonly<{
  /** How long it pays to wait for more lines before sending. */
  gatherMs: number
  /** Resolves when the receiver has the lines, as far as its protocol confirms. */
  send: (records: readonly LogRecord[], signal: AbortSignal) => Promise<void>
  close: () => void
}>
