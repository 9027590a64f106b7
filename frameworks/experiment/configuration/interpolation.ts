/**
 * Replaces `%(name)s` by the option of that name, and `%%` by `%`. Names that do not exist and
 * stray `%` stay as they are: percent-encoded passwords in addresses are common, and Python's
 * refusing them does not help.
 *
 * @param lookup raw value of an option of the same section (or of `[DEFAULT]`)
 */
export function interpolate(
  text: string,
  lookup: (name: string) => string | undefined,
  depth = 0,
): string {
  if (depth >= DEPTH_MAX) return text
  return text.replaceAll(/%%|%\(([^)]+)\)s/g, (whole, name: string | undefined) => {
    if (name === undefined) return '%'
    const value = lookup(name.toLowerCase())
    return value === undefined ? whole : interpolate(value, lookup, depth + 1)
  })
}

/** As in Python: deeper references are taken for a cycle. */
const DEPTH_MAX = 10
