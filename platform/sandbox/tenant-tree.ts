import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { problem } from '../store/index.ts'
import { codeOf } from '@hokku/kit/error-code'
import { inBatches } from './in-batches.ts'
import { inParent } from './in-parent.ts'
import { TenantFolder } from './tenant-folder.ts'

/** One file, folder or link of a tree; devices, sockets and pipes do not count. */
export type TreeEntry = Readonly<{
  /** Relative to the tree, with `/`. */
  path: string
  type: 'file' | 'folder' | 'link'
  /** Permission bits; its owner can always read and write it. */
  mode: number
  /** Bytes of a file; 0 for anything else. */
  size: number
  /** Last change, in whole seconds since the epoch. */
  mtime: number
  /** SHA-256 of a file in hexadecimal, the target of a link, nothing for a folder. */
  content: string
}>

/**
 * Lists an app's tree with what identifies each file, parents first and sorted by name, so that
 * equal trees give equal lists. No link is followed, also none that a program of the app puts in
 * the place of a folder meanwhile.
 *
 * @param skip paths that are left out with everything below them
 * @throws Problem `build_rejected` for a name that is not UTF-8, and for a tree that is too deep
 */
export async function listTree(
  root: string,
  skip: ReadonlySet<string> = new Set(),
): Promise<TreeEntry[]> {
  await using top = await TenantFolder.open(root)
  return top === undefined ? [] : await listFolder(top, '', skip, 0)
}

/**
 * Lists a part of a tree: a file, a link, or a folder with everything in it. Empty when there is
 * nothing at `path`, or when it is behind a link.
 */
export async function listPart(root: string, path: string): Promise<TreeEntry[]> {
  const depth = path.split('/').length
  const entries = await inParent(root, path, (parent, name) =>
    listEntry(parent, name, path, new Set(), depth),
  )
  return entries ?? []
}

async function listFolder(
  folder: TenantFolder,
  path: string,
  skip: ReadonlySet<string>,
  depth: number,
): Promise<TreeEntry[]> {
  if (depth > DEPTH_MAX) throw tooDeep(path)
  const names = (await folder.names()).map((entry) => ({
    name: utf8(entry.name, path),
    isFolder: entry.isDirectory(),
  }))
  const wanted = names
    .map((one) => ({ ...one, at: path === '' ? one.name : `${path}/${one.name}` }))
    .filter((one) => !skip.has(one.at))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const list = ({ name, at }: { name: string; at: string }): Promise<TreeEntry[]> =>
    listEntry(folder, name, at, skip, depth)
  // Files side by side; folders one after the other, so that few descriptors are open.
  const files = wanted.filter((one) => !one.isFolder)
  const listed = await inBatches(files, FILES_AT_ONCE, list)
  const found = new Map(files.map(({ name }, i) => [name, listed[i] ?? []]))
  for (const one of wanted.filter(({ isFolder }) => isFolder)) found.set(one.name, await list(one))
  return wanted.flatMap(({ name }) => found.get(name) ?? [])
}

async function listEntry(
  parent: TenantFolder,
  name: string,
  path: string,
  skip: ReadonlySet<string>,
  depth: number,
): Promise<TreeEntry[]> {
  const status = await parent.status(name)
  if (status === undefined) return []
  const mode = (status.mode & 0o777) | 0o600
  const common = { path, mode, size: 0, content: '', mtime: Math.floor(status.mtimeMs / 1000) }
  if (status.isDirectory()) {
    await using folder = await parent.folder(name)
    if (folder === undefined) return []
    const inside = await listFolder(folder, path, skip, depth + 1)
    return [{ ...common, type: 'folder' }, ...inside]
  }
  if (status.isSymbolicLink()) {
    const content = (await parent.link(name)) ?? ''
    return [{ ...common, type: 'link', content }]
  }
  if (!status.isFile()) return []
  const file = await openRegular(parent, name)
  if (file === undefined) return []
  try {
    const content = await hashOf(file, status.size)
    return [{ ...common, type: 'file', size: status.size, content }]
  } finally {
    await file.close()
  }
}

/** Opens an entry that was a regular file a moment ago; undefined if it is one no more. */
export async function openRegular(
  parent: TenantFolder,
  name: string,
): Promise<FileHandle | undefined> {
  const file = await parent.file(name).catch((error: unknown) => {
    if (GONE.has(codeOf(error) ?? '')) return undefined
    throw error
  })
  if (file === undefined || (await file.stat()).isFile()) return file
  await file.close()
  return undefined
}

/** What opening gives when a link, a socket or a device took the place of a file. */
const GONE = new Set(['ELOOP', 'EMLINK', 'ENXIO', 'ENODEV'])

/** Reads no more than `size` bytes: a file that grows while it is read has no end. */
async function hashOf(file: FileHandle, size: number): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of readExactly(file, size)) hash.update(chunk)
  return hash.digest('hex')
}

/** The first `size` bytes of a file, in pieces; fewer when the file is shorter. */
export async function* readExactly(file: FileHandle, size: number): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(size, CHUNK_BYTES)))
  for (let at = 0; at < size;) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, size - at), at)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
    at += bytesRead
  }
}

/** One read for most files of an app. */
const CHUNK_BYTES = 256 * 1024

/** Enough to keep the disk busy without opening thousands of files. */
const FILES_AT_ONCE = 32

/** Each level holds a descriptor. Real trees stay below 40. */
const DEPTH_MAX = 200

function utf8(name: Buffer, folder: string): string {
  const text = name.toString('utf8')
  if (Buffer.from(text).equals(name)) return text
  throw problem('build_rejected', `A file name in ${folder || 'the app'} is not UTF-8: ${text}`, {
    hint: 'Rename the file and push again.',
  })
}

const tooDeep = (path: string) =>
  problem(
    'build_rejected',
    `The app has folders that are nested more than ${DEPTH_MAX} deep: ${path.slice(0, 80)}…`,
  )
