/** One row of a product's table of failures: the id that clients see, and the HTTP status. */
export type ProblemKind = Readonly<{
  id: string
  status: number
  /** What happened, and what to do about it: for `docs/errors.md`. */
  meaning?: string
  remedy?: string
}>

/**
 * An expected failure that a user can see. Anything else that is thrown is a bug: it
 * answers 500, is logged whole and shown as nothing.
 *
 * `message` names the thing that failed, `hint` says what to do next, `details` carries extra
 * fields for the edge that renders it (never secrets).
 */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: string
  readonly id: string
  readonly status: number
  readonly hint: string | undefined
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: string, kind: ProblemKind, message: string, options: ProblemOptions = {}) {
    super(message, options)
    this.code = code
    this.id = kind.id
    this.status = kind.status
    this.hint = options.hint
    this.details = options.details ?? {}
  }
}

export type ProblemOptions = ErrorOptions & {
  hint?: string
  details?: Record<string, unknown>
}

/**
 * Turns a product's table of failures into a constructor that accepts only its codes.
 *
 * @example
 * const problem = defineProblems({ app_not_found: { id: 'not_found', status: 404 } })
 * throw problem('app_not_found', "Couldn't find that app.")
 */
export function defineProblems<const Catalogue extends Record<string, ProblemKind>>(
  catalogue: Catalogue,
) {
  const problem = (
    code: keyof Catalogue & string,
    message: string,
    options?: ProblemOptions,
  ): Problem => {
    const kind = catalogue[code]
    if (kind === undefined) throw new TypeError(`no problem is called ${code}`)
    return new Problem(code, kind, message, options)
  }
  return Object.assign(problem, { catalogue })
}

/** What a caught value says, in one line for people: the message of an error, else its text. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

/** A caught value as an error; almost always it is one. */
export const errorOf = (value: unknown): Error =>
  value instanceof Error ? value : new Error(String(value))
