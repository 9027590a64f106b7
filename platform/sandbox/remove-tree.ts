import { randomUUID } from 'node:crypto'
import { chmod, rename, rmdir, unlink } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { codeOf } from '@hokku/kit/error-code'
import { inBatches } from './in-batches.ts'
import { inParent } from './in-parent.ts'
import type { Name, TenantFolder } from './tenant-folder.ts'

/**
 * Removes a tree that programs of an app have written, or a single file or link. No link in it is
 * followed, and what is gone already is fine.
 *
 * @param path the folder above it has to be the platform's own
 */
export const removeTree = (path: string): Promise<void> =>
  removeTenantEntry(dirname(path), basename(path))

/** Removes an entry of an app's tree, with everything below it. */
export async function removeTenantEntry(root: string, path: string): Promise<void> {
  await inParent(root, path, removeEntry)
}

async function removeEntry(parent: TenantFolder, name: Name): Promise<void> {
  const emptied = await inFolder(parent, name, async (folder) => {
    // What was too deep has been moved to the top: that makes it the next round's work.
    while ((await emptyFolder(folder, folder, 0)) === 'moved some up');
    return 'empty'
  })
  if (emptied === undefined) return await removeFile(parent, name)
  await retryUnlocked(parent, () => rmdir(parent.at(name)))
}

type Emptied = 'empty' | 'moved some up'

async function emptyFolder(
  folder: TenantFolder,
  top: TenantFolder,
  depth: number,
): Promise<Emptied> {
  const entries = await folder.names()
  const others = entries.filter((entry) => !entry.isDirectory())
  await inBatches(others, AT_ONCE, ({ name }) => removeFile(folder, name))
  let emptied: Emptied = 'empty'
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    if ((await removeFolder(folder, name, top, depth + 1)) !== 'empty') emptied = 'moved some up'
  }
  return emptied
}

async function removeFolder(
  parent: TenantFolder,
  name: Buffer,
  top: TenantFolder,
  depth: number,
): Promise<Emptied> {
  if (depth > DEPTH_MAX) {
    await retryUnlocked(parent, () => rename(parent.at(name), top.at(`.deep-${randomUUID()}`)))
    return 'moved some up'
  }
  const emptied = await inFolder(parent, name, (folder) => emptyFolder(folder, top, depth))
  if (emptied === undefined) {
    await removeFile(parent, name)
    return 'empty'
  }
  await retryUnlocked(parent, () => rmdir(parent.at(name)))
  return emptied
}

const removeFile = (parent: TenantFolder, name: Name): Promise<void> =>
  retryUnlocked(parent, () => unlink(parent.at(name)))

/** Works in a folder, also in one that its owner may not list; undefined for anything else. */
async function inFolder<T>(
  parent: TenantFolder,
  name: Name,
  work: (folder: TenantFolder) => Promise<T>,
): Promise<T | undefined> {
  await using folder = await parent.folder(name).catch(async (error: unknown) => {
    if (codeOf(error) !== 'EACCES') throw error
    await chmod(parent.at(name), 0o700)
    return await parent.folder(name)
  })
  return folder === undefined ? undefined : await work(folder)
}

/** Builds make folders read-only, as Go's module cache does; a platform without root must ask. */
async function retryUnlocked(folder: TenantFolder, change: () => Promise<void>): Promise<void> {
  try {
    await change()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    if (codeOf(error) !== 'EACCES') throw error
    await folder.unlock()
    await change()
  }
}

/** Enough to keep the disk busy. */
const AT_ONCE = 64

/** Each level holds a descriptor; an app can nest folders as deep as it likes. */
const DEPTH_MAX = 100
