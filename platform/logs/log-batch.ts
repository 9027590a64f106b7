import type { LogRecord } from './contract.ts'
import { timestamp } from './line-format.ts'

/** What has come since the last look, and the lines before it that the reader was too slow for. */
export type LogBatch = Readonly<{
  records: readonly LogRecord[]
  /** How many, the time of the first and the number of the last. */
  dropped: Readonly<{ count: number; since: number; last: number }> | null
}>

/** The batch's records; where some were dropped, a line that says so comes first, as on Heroku. */
export function withLossLine(
  { records, dropped }: LogBatch,
  error: 'L10 (output buffer overflow)' | 'L11 (tail buffer overflow)',
): readonly LogRecord[] {
  if (dropped === null) return records
  const { count, since, last } = dropped
  const message = `Error ${error}: ${count} messages dropped since ${timestamp(since)}.\n`
  const at = records[0]?.at ?? since
  const text = Buffer.from(message)
  return [{ first: last, count: 1, at, source: 'heroku', process: 'logplex', text }, ...records]
}
