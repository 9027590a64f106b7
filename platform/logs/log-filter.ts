import type { LogFilter, LogRecord } from './contract.ts'

/** Whether a record passes: `web` takes all dynos of the type, `web.1` only that one. */
export function matches(record: LogRecord, { dyno, source }: LogFilter): boolean {
  if (source !== undefined && record.source !== source) return false
  return dyno === undefined || record.process === dyno || record.process.startsWith(`${dyno}.`)
}
