/** Results that several users want: computed at the first use, kept until the last. */
export class SharedWork {
  readonly #uses = new Map<string, number>()
  readonly #results = new Map<string, Promise<unknown>>()

  /** @param keys every use there will be */
  constructor(keys: readonly string[]) {
    for (const key of keys) this.#uses.set(key, (this.#uses.get(key) ?? 0) + 1)
  }

  do<R>(key: string, work: () => Promise<R>): Promise<R> {
    const known = this.#results.get(key) as Promise<R> | undefined
    if (known !== undefined) return known
    const result = work()
    this.#results.set(key, result)
    return result
  }

  /** One user of these keys is done. */
  release(keys: readonly string[]): void {
    for (const key of keys) {
      const left = (this.#uses.get(key) ?? 0) - 1
      this.#uses.set(key, left)
      if (left <= 0) this.#results.delete(key)
    }
  }
}
