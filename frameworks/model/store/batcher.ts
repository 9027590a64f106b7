import { problem } from '../problems.ts'

export type BatcherOptions<Item, Result> = Readonly<{
  /** Does the work for many items at once, in one transaction; results in the same order. */
  run: (items: readonly Item[]) => Promise<readonly Result[]>
  /** Items of the same key never share a batch: the database could not tell which came first. */
  keyOf: (item: Item) => string
  itemsMax: number
  /** How many batches may be under way; more overlaps the work before a commit with the commit. */
  concurrency: number
  /** Items waiting; beyond it callers are told to come back. */
  queueMax: number
}>

export type Batcher<Item, Result> = Readonly<{
  /** Resolves when the batch that the item went into is committed. */
  add: (item: Item) => Promise<Result>
  /** Resolves when nothing is waiting or under way. */
  idle: () => Promise<void>
  length: () => number
}>

type Waiting<Item, Result> = Readonly<{
  item: Item
  key: string
  resolve: (result: Result) => void
  reject: (error: unknown) => void
}>

/**
 * Gathers single writes into batches: while one batch commits, the next one fills. A lone write
 * waits for nobody.
 */
export function createBatcher<Item, Result>(
  options: BatcherOptions<Item, Result>,
): Batcher<Item, Result> {
  let waiting: Waiting<Item, Result>[] = []
  let running = 0
  const busyKeys = new Set<string>()
  let whenIdle: (() => void)[] = []

  const start = (): void => {
    while (running < options.concurrency && waiting.length > 0) {
      const batch = takeBatch()
      if (batch.length === 0) return
      running += 1
      void work(batch)
    }
    if (running === 0 && waiting.length === 0) {
      for (const resolve of whenIdle) resolve()
      whenIdle = []
    }
  }
  const takeBatch = (): Waiting<Item, Result>[] => {
    const batch: Waiting<Item, Result>[] = []
    const rest: Waiting<Item, Result>[] = []
    for (const entry of waiting) {
      if (batch.length < options.itemsMax && !busyKeys.has(entry.key)) {
        busyKeys.add(entry.key)
        batch.push(entry)
      } else rest.push(entry)
    }
    waiting = rest
    return batch
  }
  const work = async (batch: readonly Waiting<Item, Result>[]): Promise<void> => {
    try {
      const results = await options.run(batch.map(({ item }) => item))
      batch.forEach(({ resolve }, i) => resolve(results[i]!))
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      for (const { key } of batch) busyKeys.delete(key)
      running -= 1
      start()
    }
  }
  return {
    add: (item) => {
      if (waiting.length >= options.queueMax) {
        return Promise.reject(problem('service_busy', 'Too many writes are waiting. Try again.'))
      }
      const { promise, resolve, reject } = Promise.withResolvers<Result>()
      waiting.push({ item, key: options.keyOf(item), resolve, reject })
      // Requests that arrived together are all parsed before their batch leaves.
      if (waiting.length === 1) setImmediate(start)
      return promise
    },
    idle: () => {
      if (running === 0 && waiting.length === 0) return Promise.resolve()
      return new Promise((resolve) => whenIdle.push(resolve))
    },
    length: () => waiting.length,
  }
}
