import { commandHelp, type Failure, failureText, isMisuse } from '@hokku/kit/command-line'
import { Problem } from '@hokku/kit/problem'
import type { Context } from './command.ts'

/**
 * Reports a failure as PredictionIO does: misuse on standard error with the command's help, all else
 * as a log line on standard output, because scripts read it there.
 *
 * @returns exit code: 1, or the number of configuration errors
 */
export function report({ error, name, command }: Failure<Context>, context: Context): number {
  if (isMisuse(error)) {
    const help = command === undefined ? `Try 'pio help'.\n` : commandHelp('pio', name, command)
    context.writeError(`${failureText(error)}${help}`)
    return 1
  }
  if (!(error instanceof Problem)) {
    if (context.signal.aborted) context.log.error(componentOf(name), 'Interrupted.')
    else {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      context.log.error('Pio$', text)
    }
    return 1
  }
  context.log.error(componentOf(name), error.message)
  if (error.hint !== undefined) context.log.error(componentOf(name), error.hint)
  const { errors } = error.details
  return Array.isArray(errors) ? Math.min(errors.length, EXIT_CODE_MAX) : 1
}

/** Beyond it, exit codes mean signals. */
const EXIT_CODE_MAX = 125

/** The names that PredictionIO's log has: `App$` for `pio app …`. */
function componentOf(name: string): string {
  if (name.startsWith('app ')) return 'App$'
  if (name.startsWith('accesskey ')) return 'AccessKey$'
  return 'Pio$'
}
