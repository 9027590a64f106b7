export type BatcherOptions<Item, Result> = Readonly<{
  /** Does the work for many items in one transaction; results in the order of the items. */
  run: (items: readonly Item[]) => Promise<readonly Result[]>
  /** Most items in one batch. */
  itemsMax: number
  /** Batches under way at once: with two, one is sent while the other commits. */
  concurrency: number
  /** Most items that wait; further ones are refused with `whenFull`. */
  waitingMax: number
  /** The product's own Problem `overloaded` (503). */
  whenFull: () => Error
  /** Items of one key never share a batch, never run side by side, and keep their order. */
  keyOf?: (item: Item) => string
  /** Size of an item where items may be large, and the most that a batch may hold together. */
  weightOf?: (item: Item) => number
  weightMax?: number
  /** Failures that one item may have caused for all: then each item gets its own try. */
  isItemFault?: (error: unknown) => boolean
}>

export type Batcher<Item, Result> = Readonly<{
  /** Resolves when the batch of the item is committed; rejects with `whenFull` if too many wait. */
  add: (item: Item) => Promise<Result>
  /** Resolves when nothing waits and nothing is under way. */
  idle: () => Promise<void>
  /** Items that wait. */
  length: () => number
}>

/**
 * Gathers single writes into batches: while one batch commits, the next one fills. A lone write does
 * not wait for others. Each promise settles after the commit of its own item.
 *
 * @example
 * const saves = createBatcher<Save, boolean>({
 *   run: (items) => insertAll(pool, items),
 *   keyOf: (save) => save.participant,
 *   whenFull: () => problem('overloaded', 'Too many saves are waiting. Try again in a moment.'),
 *   itemsMax: 200, concurrency: 1, waitingMax: 20_000,
 * })
 * const isNew = await saves.add(save)
 */
export function createBatcher<Item, Result>(
  options: BatcherOptions<Item, Result>,
): Batcher<Item, Result> {
  const gatherer = new Gatherer(options)
  return {
    add: (item) => gatherer.add(item),
    idle: () => gatherer.idle(),
    length: () => gatherer.length,
  }
}

type Waiting<Item, Result> = Readonly<{
  item: Item
  key: string | undefined
  weight: number
  resolve: (result: Result) => void
  reject: (error: unknown) => void
}>

class Gatherer<Item, Result> {
  readonly #options: BatcherOptions<Item, Result>
  readonly #busyKeys = new Set<string | undefined>()
  #waiting: Waiting<Item, Result>[] = []
  #running = 0
  #isScheduled = false
  #whenIdle: (() => void)[] = []

  constructor(options: BatcherOptions<Item, Result>) {
    this.#options = options
  }

  get length(): number {
    return this.#waiting.length
  }

  add(item: Item): Promise<Result> {
    const { waitingMax, whenFull, keyOf, weightOf } = this.#options
    if (this.#waiting.length >= waitingMax) return Promise.reject(whenFull())
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    const weight = weightOf?.(item) ?? 0
    this.#waiting.push({ item, key: keyOf?.(item), weight, resolve, reject })
    this.#schedule()
    return promise
  }

  idle(): Promise<void> {
    if (this.#running === 0 && this.#waiting.length === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenIdle.push(resolve))
  }

  /** Requests of the same turn of the event loop are all parsed before their batch leaves. */
  #schedule(): void {
    if (this.#isScheduled || this.#running >= this.#options.concurrency) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#start()
    })
  }

  #start(): void {
    while (this.#running < this.#options.concurrency && this.#waiting.length > 0) {
      const batch = this.#take()
      if (batch.length === 0) return
      this.#running += 1
      void this.#work(batch)
    }
    if (this.#running === 0) this.#whenIdle.splice(0).forEach((resolve) => resolve())
  }

  /** The next batch, from the front. An item whose key is busy stays, and so do later ones of it. */
  #take(): Waiting<Item, Result>[] {
    const { itemsMax, weightMax = Infinity } = this.#options
    const batch: Waiting<Item, Result>[] = []
    const left: Waiting<Item, Result>[] = []
    const blocked = new Set(this.#busyKeys)
    let room = weightMax
    let seen = 0
    for (const entry of this.#waiting) {
      if (batch.length >= itemsMax) break
      seen += 1
      const isRoomy = batch.length === 0 || entry.weight <= room
      if (isRoomy && !blocked.has(entry.key)) {
        batch.push(entry)
        room -= entry.weight
      } else left.push(entry)
      if (entry.key !== undefined) blocked.add(entry.key)
    }
    for (const { key } of batch) if (key !== undefined) this.#busyKeys.add(key)
    this.#waiting = [...left, ...this.#waiting.slice(seen)]
    return batch
  }

  async #work(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    await this.#settle(batch)
    for (const { key } of batch) this.#busyKeys.delete(key)
    this.#running -= 1
    this.#start()
  }

  async #settle(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.run(batch.map(({ item }) => item))
      batch.forEach(({ resolve }, at) => resolve(results[at] as Result))
    } catch (error) {
      if (batch.length === 1 || this.#options.isItemFault?.(error) !== true) {
        for (const { reject } of batch) reject(error)
        return
      }
      // oxlint-disable-next-line no-await-in-loop -- one after the other, as one batch would be
      for (const one of batch) await this.#settle([one])
    }
  }
}
