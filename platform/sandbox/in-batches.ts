/** Works on some items side by side, `size` at a time, and keeps their order. */
export async function inBatches<T, Result>(
  items: readonly T[],
  size: number,
  work: (item: T) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (let at = 0; at < items.length; at += size) {
    results.push(...(await Promise.all(items.slice(at, at + size).map((item) => work(item)))))
  }
  return results
}
