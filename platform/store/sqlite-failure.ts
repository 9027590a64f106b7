import type { Problem } from '@hokku/kit/problem'
import { problem } from './problems.ts'

/**
 * What SQLite's failure means for an operator; undefined for a failure of the statement itself.
 *
 * @see https://www.sqlite.org/rescode.html
 */
export function explainSqlite(error: unknown): Problem | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  // The low byte is the primary code, the rest says more.
  const explain = EXPLAINED.get(Number(error.errcode) & 0xff)
  return explain?.(error)
}

const EXPLAINED: ReadonlyMap<number, (cause: Error) => Problem> = new Map([
  [
    13,
    (cause: Error) =>
      problem('disk_full', 'The disk is full: nothing was changed.', {
        cause,
        hint: 'Make room on the disk of HOKKU_HOME and try again: df -h shows what is left.',
      }),
  ],
  [
    10,
    (cause: Error) =>
      problem('disk_failing', `The disk did not do what it was asked: ${cause.message}.`, {
        cause,
        hint: 'Look at the log of the kernel (dmesg), and copy HOKKU_HOME to another disk.',
      }),
  ],
  [
    8,
    (cause: Error) =>
      problem('disk_read_only', 'The disk of HOKKU_HOME is read-only: nothing was changed.', {
        cause,
        hint: 'Mount it for writing and try again. A kernel that met a bad disk makes it read-only.',
      }),
  ],
])
