import { lchown, mkdir, rename, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { problem } from '../store/index.ts'
import type { Owner } from './owner.ts'
import { inParent } from './in-parent.ts'
import { notRegular, resolveBelow } from './resolve-below.ts'

/**
 * Reads a text file of an app's tree, e.g. its Procfile. Links are followed inside the tree only.
 *
 * @param root the tree; the folder above it has to be the platform's own
 * @param path relative to the tree, with `/`
 * @param bytesMax the largest file that is read
 * @returns null when there is no such file
 * @throws Problem `build_rejected` for a link that leads out of the tree, for anything but a
 * regular file, and for a file that is too large
 *
 * @example await readTenantText(tree, 'Procfile', 64 * 1024)
 */
export async function readTenantText(
  root: string,
  path: string,
  bytesMax: number,
): Promise<string | null> {
  const file = await resolveBelow(root, path)
  if (file === undefined) return null
  try {
    if (!(await file.stat()).isFile()) throw notRegular(path)
    return await readUpTo(file, bytesMax, path)
  } finally {
    await file.close()
  }
}

/** What is at a path of an app's tree; links are followed nowhere. Undefined: nothing. */
export async function tenantEntry(
  root: string,
  path: string,
): Promise<'file' | 'folder' | 'link' | 'other' | undefined> {
  return await inParent(root, path, async (parent, name) => {
    const status = await parent.status(name)
    if (status === undefined) return undefined
    if (status.isFile()) return 'file'
    if (status.isDirectory()) return 'folder'
    return status.isSymbolicLink() ? 'link' : 'other'
  })
}

/** Where a link in an app's tree points to; undefined when there is no link. */
export const tenantLink = (root: string, path: string): Promise<string | undefined> =>
  inParent(root, path, (parent, name) => parent.link(name))

/**
 * Makes a folder of an app's tree, and those above it.
 *
 * @returns its path, for a program that runs as the app's user
 * @throws Problem `build_rejected` when something else, e.g. a link, lies on the way
 */
export async function makeTenantFolder(root: string, path: string, owner: Owner): Promise<string> {
  const names = path.split('/')
  for (const [i, name] of names.entries()) {
    const sofar = names.slice(0, i + 1).join('/')
    const made = await inParent(root, sofar, async (parent) => {
      const isNew = await mkdir(parent.at(name), 0o755).then(
        () => true,
        () => false,
      )
      if (isNew && owner !== null) await lchown(parent.at(name), owner.uid, owner.uid)
      return (await parent.status(name))?.isDirectory()
    })
    if (made !== true) {
      throw problem('build_rejected', `${path} cannot be made: ${sofar} is not a folder.`, {
        hint: `Remove ${sofar} from the repository, or move what belongs at ${path}.`,
      })
    }
  }
  return join(root, path)
}

/**
 * Moves an entry of an app's tree to a path of the platform's own.
 *
 * @throws Error `ENOENT` when the entry is not there, or is behind a link
 */
export async function moveTenantEntry(root: string, path: string, to: string): Promise<void> {
  const moved = await inParent(root, path, async (parent, name) => {
    await rename(parent.at(name), to)
    return true
  })
  if (moved !== true) throw Object.assign(new Error(`${path} is not there`), { code: 'ENOENT' })
}

/** A file may grow while it is read, so its size at the start is no limit. */
async function readUpTo(file: FileHandle, bytesMax: number, path: string): Promise<string> {
  const buffer = Buffer.alloc(bytesMax + 1)
  let bytes = 0
  while (bytes <= bytesMax) {
    const { bytesRead } = await file.read(buffer, bytes, buffer.length - bytes, bytes)
    if (bytesRead === 0) return buffer.toString('utf8', 0, bytes)
    bytes += bytesRead
  }
  throw problem('build_rejected', `${path} is larger than ${bytesMax / 1024} KiB.`, {
    hint: 'Make the file smaller and push again.',
  })
}
