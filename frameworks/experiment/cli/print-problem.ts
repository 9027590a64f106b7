import { Problem } from '@hokku/kit/problem'
import { red } from '@hokku/kit/command-line'

/** Says on standard error what went wrong and what to do; bugs are shown whole. */
export function printProblem(error: unknown): void {
  if (!(error instanceof Problem)) {
    console.error(error)
    return
  }
  console.error(`${red('Error:')} ${error.message}`)
  if (error.hint !== undefined) console.error(error.hint)
}
