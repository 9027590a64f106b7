/** Lines of work: in each, one thing at a time and in the order in which it was asked for. */
export function createLines() {
  const ends = new Map<string, Promise<unknown>>()
  return {
    /** Runs `work` when all that was asked for before under the same key has ended. */
    run: <T>(key: string, work: () => Promise<T>): Promise<T> => {
      const before = ends.get(key) ?? Promise.resolve()
      const result = before.then(work)
      const end = result.catch(() => {})
      ends.set(key, end)
      void end.then(() => ends.get(key) === end && ends.delete(key))
      return result
    },
    /** Resolves when nothing is under way. */
    idle: async (): Promise<void> => {
      while (ends.size > 0) await Promise.all(ends.values())
    },
  }
}
