import { red } from '@hokku/kit/command-line'
import { Problem } from '@hokku/kit/problem'

/** Says what went wrong and what to do; the stack only of bugs. */
export function printFailure(error: unknown): void {
  if (error instanceof Problem || isUsageError(error)) {
    console.error(`${red('▸')}    ${error.message}`)
    if (error instanceof Problem && error.hint !== undefined) console.error(`     ${error.hint}`)
  } else {
    console.error(error)
  }
}

/** What `parseArgs` throws for unknown options and missing values. */
const isUsageError = (error: unknown): error is Error =>
  error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
