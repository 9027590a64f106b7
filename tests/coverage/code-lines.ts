import { stripTypeScriptTypes } from 'node:module'

/**
 * Numbers of the lines that hold code when types, comments and blank lines are taken away, from 1.
 * A file of types alone has none.
 */
export function codeLines(source: string): Set<number> {
  const lines = new Set<number>()
  for (const [index, line] of stripTypeScriptTypes(source).split('\n').entries()) {
    if (!/^\s*(\/\/|\/\*|\*|$)/.test(line)) lines.add(index + 1)
  }
  return lines
}
