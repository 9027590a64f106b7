import ignore from 'ignore'
import { listTree, readTenantText, removeTenantEntry, type TreeEntry } from '../../sandbox/index.ts'

/**
 * Removes from a source tree what its `.slugignore` names, before anything is built.
 *
 * @returns how many files and folders were removed
 * @see https://devcenter.heroku.com/articles/slug-compiler#ignoring-files-with-slugignore
 */
export async function applySlugignore(tree: string): Promise<number> {
  const text = await readTenantText(tree, '.slugignore', SLUGIGNORE_BYTES_MAX)
  if (text === null) return 0
  const doomed = ignoredPaths(await listTree(tree), parseSlugignore(text))
  for (const path of doomed) await removeTenantEntry(tree, path)
  return doomed.length
}

/** Thousands of patterns fit into it. */
const SLUGIGNORE_BYTES_MAX = 1024 * 1024

/** Patterns as in `.gitignore`, without negation: a line that starts with `!` means nothing. */
export function parseSlugignore(text: string): (path: string) => boolean {
  const patterns = text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !/^\s*[#!]/.test(line))
  const matcher = ignore({ allowRelativePaths: false }).add(patterns)
  return (path) => matcher.ignores(path)
}

/** Paths to remove, the highest ones only. */
function ignoredPaths(
  entries: readonly TreeEntry[],
  isIgnored: (path: string) => boolean,
): string[] {
  const found: string[] = []
  for (const { path, type } of entries) {
    const last = found.at(-1)
    if (last !== undefined && path.startsWith(`${last}/`)) continue
    if (isIgnored(type === 'folder' ? `${path}/` : path)) found.push(path)
  }
  return found
}
