import { inspect, styleText } from 'node:util'
import { Problem } from '../problem.ts'
import { isMisuse } from './misuse.ts'
import type { Failure, Output, Program } from './program.ts'

/**
 * Says on standard error what went wrong, and on the next line what to do: `Error: …`. A bug is
 * shown whole, with its stack.
 *
 * @returns exit code: the program's own for misuse, else 1
 */
export function explain<Context>(
  { name, misuseCode }: Program<Context>,
  failure: Failure<Context>,
  { writeError }: Output,
): number {
  const { error } = failure
  writeError(failureText(error, isMisuse(error) ? helpHint(name, failure) : undefined))
  return isMisuse(error) ? misuseCode : 1
}

const helpHint = (program: string, { name }: { name: string }): string =>
  name === '' ? `Try '${program} help'.` : `Try '${program} ${name} --help'.`

/** The machine said no, e.g. `EACCES: permission denied, mkdir '/x'`: no bug, and its text is clear. */
const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'code' in error

/** The lines for a failure; `more` follows its hint. */
export function failureText(error: unknown, more?: string): string {
  if (!(error instanceof Problem) && !isSystemError(error)) return `${inspect(error)}\n`
  const label = styleText('red', 'Error:', { stream: process.stderr })
  const hint = error instanceof Problem ? error.hint : undefined
  const lines = [`${label} ${error.message}`, hint, more]
  return lines.map((line) => (line === undefined ? '' : `${line}\n`)).join('')
}
