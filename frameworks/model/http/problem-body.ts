import type { Problem } from '@hokku/kit/problem'

/** A failure on the wire: `error` as in the document, a stable `code`, and what else is known. */
export const problemBody = (failure: Problem): object => ({
  error: failure.message,
  code: failure.id,
  ...failure.details,
  ...(failure.hint === undefined ? {} : { hint: failure.hint }),
})
