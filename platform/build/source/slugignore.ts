import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import ignore from 'ignore'

/**
 * Removes from a source tree what its `.slugignore` names, before anything is built.
 *
 * @returns how many files and folders were removed
 * @see https://devcenter.heroku.com/articles/slug-compiler#ignoring-files-with-slugignore
 */
export async function applySlugignore(tree: string): Promise<number> {
  const text = await readFile(join(tree, '.slugignore'), 'utf8').catch(() => null)
  if (text === null) return 0
  const isIgnored = parseSlugignore(text)
  const doomed = await matches(tree, '', isIgnored)
  for (const path of doomed) await rm(join(tree, path), { recursive: true, force: true })
  return doomed.length
}

/** Patterns as in `.gitignore`, without negation: a line that starts with `!` means nothing. */
export function parseSlugignore(text: string): (path: string) => boolean {
  const patterns = text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !/^\s*[#!]/.test(line))
  const matcher = ignore({ allowRelativePaths: false }).add(patterns)
  return (path) => matcher.ignores(path)
}

/** Paths to remove, the highest ones only. A link is removed, never followed. */
async function matches(
  tree: string,
  folder: string,
  isIgnored: (path: string) => boolean,
): Promise<string[]> {
  const entries = await readdir(join(tree, folder), { withFileTypes: true })
  const found: string[] = []
  for (const entry of entries) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (isIgnored(entry.isDirectory() ? `${path}/` : path)) found.push(path)
    else if (entry.isDirectory()) found.push(...(await matches(tree, path, isIgnored)))
  }
  return found
}
