/**
 * One sync of a file for all that wait for it. Who comes while one is on its way waits for the next,
 * since that one may have begun before the write.
 */
export class SharedSync {
  readonly #sync: () => Promise<void>
  #running: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  constructor(sync: () => Promise<void>) {
    this.#sync = sync
  }

  /**
   * Resolves when everything that was written before is on disk.
   *
   * @throws what the first failed sync threw, from then on always: a system forgets what it failed to
   * write, so a later success would mean nothing
   */
  done(): Promise<void> {
    this.#next ??= this.#running.then(() => {
      this.#running = this.#next ?? Promise.resolve()
      this.#next = undefined
      return this.#sync()
    })
    return this.#next
  }
}
