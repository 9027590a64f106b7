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
    const { code, id, status, hint, details } = error
    throw new Problem(code, { id, status }, `${file}: ${error.message}`, {
      ...(hint === undefined ? {} : { hint }),
      details: { ...details },
      cause: error,
    })
  }
}
