import { chmodSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { problem } from '../store/index.ts'

/**
 * Makes sure that PostgreSQL, which runs as a user of its own when hokku is root, can pass through
 * every folder down to the home. The home itself is opened; folders above it are not hokku's.
 *
 * @throws Problem `home_closed` that names the first folder in the way
 */
export function openHome(root: string, isRoot: boolean): void {
  if (!isRoot) return
  const closed = ancestors(root).find((folder) => !isPassable(folder))
  if (closed !== undefined) {
    throw problem('home_closed', `${closed} lets no other user pass, so ${root} cannot be used.`, {
      hint: `Choose another home: hokku up --home /var/lib/hokku\nOr open the folder: chmod o+x ${closed}`,
    })
  }
  if (!isPassable(root)) chmodSync(root, (statSync(root).mode & 0o7777) | 0o011)
}

/** Folders above, the highest first. */
function ancestors(path: string): string[] {
  const parent = dirname(path)
  return parent === path ? [] : [...ancestors(parent), parent]
}

const isPassable = (folder: string): boolean => (statSync(folder).mode & 0o001) !== 0
