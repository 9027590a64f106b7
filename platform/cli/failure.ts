import { failureText } from '@hokku/kit/command-line'

/** Prints what went wrong and what to do; the stack only of bugs. */
export const printFailure = (error: unknown): void => {
  process.stderr.write(failureText(error))
}
