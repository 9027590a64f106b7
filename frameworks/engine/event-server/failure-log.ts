import { Problem } from '@hokku/kit/problem'

/**
 * Logs what the database said when it fails; the same line at most once a second, since one outage
 * fails every request of its time.
 */
export class FailureLog {
  readonly #log: (message: string) => void
  #last = ''
  #lastMs = -Infinity

  constructor(log: (message: string) => void) {
    this.#log = log
  }

  /** Gives the error back, so that it can be thrown on. */
  logged(error: unknown, nowMs = performance.now()): unknown {
    if (!(error instanceof Problem) || !(error.cause instanceof Error)) return error
    const line = `${error.message} ${String(error.cause)}`
    if (line === this.#last && nowMs - this.#lastMs < EVERY_MS) return error
    this.#last = line
    this.#lastMs = nowMs
    this.#log(line)
    return error
  }
}

const EVERY_MS = 1000
