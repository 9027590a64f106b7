/**
 * Counts failed attempts by address and says when it is enough. Old addresses make room, so that
 * memory stays small for any number of clients.
 */
export class Attempts {
  readonly #failures = new Map<string, { count: number; since: number }>()
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  isBarred(address: string): boolean {
    const known = this.#failures.get(address)
    if (known === undefined) return false
    if (this.#now() - known.since <= WINDOW_MS) return known.count >= FAILURES_MAX
    this.#failures.delete(address)
    return false
  }

  failed(address: string): void {
    const { count, since } = this.#failures.get(address) ?? { count: 0, since: this.#now() }
    this.#failures.delete(address)
    this.#failures.set(address, { count: count + 1, since })
    const [oldest] = this.#failures.keys()
    if (this.#failures.size > ADDRESSES_MAX && oldest !== undefined) this.#failures.delete(oldest)
  }

  succeeded(address: string): void {
    this.#failures.delete(address)
  }
}

const FAILURES_MAX = 10
const WINDOW_MS = 10 * 60_000
const ADDRESSES_MAX = 1000
