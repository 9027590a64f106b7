import type { Transfer } from '../../store/index.ts'

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
