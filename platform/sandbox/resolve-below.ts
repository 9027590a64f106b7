import type { FileHandle } from 'node:fs/promises'
import { problem } from '../store/index.ts'
import { codeOf } from '@hokku/kit/error-code'
import { TenantFolder } from './tenant-folder.ts'

/**
 * Opens a file of an app's tree by its path, as the app itself would see it: a link leads to where
 * it would lead at `/app`, as long as that is inside the tree.
 *
 * Each name is opened by itself, without following links, below the descriptor of the folder that
 * holds it; links are read and walked here. So the file that is opened is in the tree, however
 * fast a program of the app exchanges files for links.
 *
 * @returns undefined when there is no such file
 * @throws Problem `build_rejected` for a link that leads out of the tree, or in circles
 */
export async function resolveBelow(root: string, path: string): Promise<FileHandle | undefined> {
  const walk: Walk = { path, folders: [], pending: path.split('/'), links: 0 }
  try {
    const top = await TenantFolder.open(root)
    if (top === undefined) return undefined
    walk.folders.push(top)
    for (;;) {
      const outcome = await step(walk)
      if (outcome !== 'again') return outcome
    }
  } finally {
    for (const folder of walk.folders) await folder[Symbol.asyncDispose]()
  }
}

type Walk = {
  /** As the caller gave it, for messages. */
  readonly path: string
  /** Open folders, the tree first. */
  readonly folders: TenantFolder[]
  /** Names still to be walked. */
  readonly pending: string[]
  links: number
}

async function step(walk: Walk): Promise<FileHandle | undefined | 'again'> {
  const folder = walk.folders.at(-1)
  const name = walk.pending.shift()
  if (folder === undefined || name === undefined) throw leadsOut(walk.path)
  if (name === '' || name === '.') return 'again'
  if (name === '..') return await goUp(walk)
  if (await followLink(walk, folder, name)) return 'again'
  if (walk.pending.length === 0) return await openFile(walk, folder, name)
  const next = await folder.folder(name)
  if (next === undefined) return undefined
  if (walk.folders.length >= FOLDERS_MAX) throw leadsOut(walk.path)
  walk.folders.push(next)
  return 'again'
}

async function goUp(walk: Walk): Promise<'again'> {
  if (walk.folders.length === 1) throw leadsOut(walk.path)
  await walk.folders.pop()?.[Symbol.asyncDispose]()
  return 'again'
}

/** @returns whether `name` is a link, of which the target now is to be walked */
async function followLink(walk: Walk, folder: TenantFolder, name: string): Promise<boolean> {
  const target = await folder.link(name)
  if (target === undefined) return false
  if (++walk.links > LINKS_MAX) throw leadsOut(walk.path)
  if (target.startsWith('/')) {
    if (!target.startsWith(`${SEEN_AT}/`)) throw leadsOut(walk.path)
    for (const one of walk.folders.splice(1)) await one[Symbol.asyncDispose]()
    walk.pending.unshift(...target.slice(SEEN_AT.length).split('/'))
  } else walk.pending.unshift(...target.split('/'))
  return true
}

/** A link that took the file's place since it was looked at is refused like any other. */
async function openFile(
  walk: Walk,
  folder: TenantFolder,
  name: string,
): Promise<FileHandle | undefined> {
  return await folder.file(name).catch((error: unknown) => {
    if (codeOf(error) === 'ELOOP' || codeOf(error) === 'EMLINK') throw leadsOut(walk.path)
    // A socket cannot be opened at all, nor a device without a driver.
    if (codeOf(error) === 'ENXIO' || codeOf(error) === 'ENODEV') throw notRegular(walk.path)
    if (codeOf(error) === 'EACCES') throw unreadable(walk.path)
    throw error
  })
}

/** Where an app sees its tree when it runs. */
const SEEN_AT = '/app'

/** As many as Linux follows. */
const LINKS_MAX = 40

/** Descriptors that one look may hold. */
const FOLDERS_MAX = 64

const leadsOut = (path: string) =>
  problem('build_rejected', `${path} is a symbolic link that does not lead to a file of the app.`, {
    hint: `Replace ${path} with the file itself and push again.`,
  })

export const notRegular = (path: string) =>
  problem('build_rejected', `${path} is a folder, device, pipe or socket, not a regular file.`, {
    hint: `Replace ${path} with a file, or remove it, and push again.`,
  })

const unreadable = (path: string) =>
  problem('build_rejected', `${path} cannot be read: its permissions do not allow it.`, {
    hint: `Run: chmod +r ${path}`,
  })
