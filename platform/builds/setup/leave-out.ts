/** A copy of a JSON value without what is at `path`. */
export function leaveOut(value: unknown, path: readonly PropertyKey[]): unknown {
  const [key, ...rest] = path
  if (key === undefined) return undefined
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value
    return items.flatMap((item, index) => {
      if (index !== key) return [item]
      return rest.length === 0 ? [] : [leaveOut(item, rest)]
    })
  }
  if (typeof value !== 'object' || value === null) return undefined
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]): [string, unknown][] => {
      if (name !== key) return [[name, item]]
      return rest.length === 0 ? [] : [[name, leaveOut(item, rest)]]
    }),
  )
}
