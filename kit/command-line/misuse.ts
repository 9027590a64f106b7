import { Problem, type ProblemOptions } from '../problem.ts'

/** A call that makes no sense, e.g. an unknown option. Its exit code is the program's. */
export const misuse = (message: string, options?: ProblemOptions): Problem =>
  new Problem('misuse', { id: 'misuse', status: 400 }, message, options)

/** A product's own problems are misuse, too, if its table gives them the id `misuse`. */
export const isMisuse = (error: unknown): error is Problem =>
  error instanceof Problem && error.id === 'misuse'

/** `{ hint: 'Did you mean --port?' }` if one of the names is close to the word. */
export function suggest(word: string, names: readonly string[]): { hint?: string } {
  const name = nearest(word, names)
  return name === undefined ? {} : { hint: `Did you mean ${name}?` }
}

/** The name that needs the fewest changes to be the word; undefined if that would be a new word. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((name) => ({ name, changes: distance(word, name) }))
    .toSorted((a, b) => a.changes - b.changes)
  const [best] = ranked
  return best !== undefined && best.changes <= Math.max(1, Math.floor(word.length / 3))
    ? best.name
    : undefined
}

/** Letters to add, drop, replace, or swap with their neighbor (Damerau-Levenshtein). */
function distance(from: string, to: string): number {
  let [before, row] = [[] as number[], Array.from({ length: to.length + 1 }, (_, i) => i)]
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1]
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwap ? (before[j - 2] ?? 0) + 1 : Infinity,
      )
    }
    before = row
    row = next
  }
  return row[to.length] ?? 0
}
