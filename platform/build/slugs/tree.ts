import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'

/** One file, folder or link of a tree; devices, sockets and pipes do not count. */
export type Entry = Readonly<{
  /** Relative to the tree, with `/`. */
  path: string
  type: 'file' | 'folder' | 'link'
  executable: boolean
  size: number
}>

/**
 * Lists a tree, parents first and sorted by name, so that equal trees give equal lists.
 *
 * @param skip paths that are left out with everything below them
 */
export async function listTree(
  root: string,
  skip: ReadonlySet<string>,
  folder = '',
): Promise<Entry[]> {
  const names = (await readdir(join(root, folder))).toSorted()
  const entries: Entry[] = []
  for (const name of names) {
    const path = folder === '' ? name : `${folder}/${name}`
    if (skip.has(path)) continue
    const status = await lstat(join(root, path))
    const executable = (status.mode & 0o111) !== 0
    if (status.isDirectory()) {
      entries.push({ path, type: 'folder', executable: true, size: 0 })
      entries.push(...(await listTree(root, skip, path)))
    } else if (status.isFile()) entries.push({ path, type: 'file', executable, size: status.size })
    else if (status.isSymbolicLink()) entries.push({ path, type: 'link', executable, size: 0 })
  }
  return entries
}

/**
 * SHA-256 over everything that makes a tree what it is: paths, kinds, the executable bit, contents
 * and link targets. Times do not count, so the same content found again is the same layer.
 */
export async function digestOf(
  root: string,
  entries: readonly Entry[],
  prefix = '',
): Promise<string> {
  const hash = createHash('sha256')
  for (let at = 0; at < entries.length; at += FILES_AT_ONCE) {
    const some = entries.slice(at, at + FILES_AT_ONCE)
    const contents = await Promise.all(some.map((entry) => contentOf(root, entry)))
    some.forEach(({ type, executable, path }, i) => {
      const mode = type === 'file' && executable ? 'x' : '-'
      hash.update(`${type} ${mode} ${prefix}${path}\0${contents[i] ?? ''}\0`)
    })
  }
  return hash.digest('hex')
}

/** Enough to keep the disk busy without opening thousands of files. */
const FILES_AT_ONCE = 32

async function contentOf(root: string, entry: Entry): Promise<string> {
  const path = join(root, entry.path)
  if (entry.type === 'folder') return ''
  if (entry.type === 'link') return readlink(path)
  const hash = createHash('sha256')
  if (entry.size <= WHOLE_FILE_MAX) return hash.update(await readFile(path)).digest('hex')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Files up to this size are read in one go. */
const WHOLE_FILE_MAX = 1024 * 1024
