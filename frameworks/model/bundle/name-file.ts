import { Problem } from '@hokku/kit/problem'

/** Failures say which file they are about; of several files they say so themselves. */
export async function naming<T>(
  file: string,
  areSeveral: boolean,
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Problem) || areSeveral || error.message.startsWith(file)) throw error
    throw reworded(error, { message: `${file}: ${error.message}` })
  }
}

/** Of several files one that is of no use must not stop the others: the hint says how to leave it out. */
export async function withWayOut<T>(
  files: readonly string[],
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Problem) || files.length === 1) throw error
    const { hint } = error
    if (hint?.includes('model.json') === true) throw error
    const wayOut = `To leave a file out, name the others in model.json: {"steps": […]}.`
    throw reworded(error, { hint: hint === undefined ? wayOut : `${hint} ${wayOut}` })
  }
}

/** The same failure with another message, or another hint. */
export function reworded(
  error: Problem,
  { message = error.message, hint = error.hint }: Readonly<{ message?: string; hint?: string }>,
): Problem {
  const { code, id, status, details } = error
  return new Problem(code, { id, status }, message, {
    ...(hint === undefined ? {} : { hint }),
    details: { ...details },
    cause: error,
  })
}
