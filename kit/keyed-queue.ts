/** Work in lines: under each key one thing at a time, in the order in which it was asked for. */
export type KeyedQueue = Readonly<{
  /** Runs `work` when all that was asked for before under the same key has ended. */
  run: <T>(key: string, work: () => Promise<T>) => Promise<T>
  /** Resolves when nothing is under way. */
  idle: () => Promise<void>
}>

/**
 * A queue per key. A failure is its caller's alone: what waits behind it still runs.
 *
 * @example
 * const queue = createKeyedQueue()
 * await queue.run(app.id, () => deploy(app))
 */
export function createKeyedQueue(): KeyedQueue {
  const ends = new Map<string, Promise<unknown>>()
  return {
    run: (key, work) => {
      const result = (ends.get(key) ?? Promise.resolve()).then(work)
      const end = result.catch(() => {})
      ends.set(key, end)
      void end.then(() => ends.get(key) === end && ends.delete(key))
      return result
    },
    idle: async () => {
      // oxlint-disable-next-line no-await-in-loop -- what runs may ask for more
      while (ends.size > 0) await Promise.all(ends.values())
    },
  }
}
