import { spawn } from 'node:child_process'
import { Readable, type Writable } from 'node:stream'
import { childClose } from '@hokku/kit/child-exit'
import { Header, Pax } from 'tar'
import type { Owner } from './owner.ts'
import { inParent } from './in-parent.ts'
import { openRegular, readExactly, type TreeEntry } from './tenant-tree.ts'

/**
 * Entries of an app's tree as a tar archive, in the order given. A file that is a link by now, or
 * gone, is written as zeros: it was the app that changed it.
 *
 * @param prefix folder in which they lie in the archive, with `/` at its end
 */
export const archiveOf = (root: string, entries: readonly TreeEntry[], prefix = ''): Readable =>
  Readable.from(blocksOf(root, entries, prefix), { objectMode: false })

async function* blocksOf(
  root: string,
  entries: readonly TreeEntry[],
  prefix: string,
): AsyncGenerator<Uint8Array> {
  for (const entry of entries) {
    yield* headerOf(entry, prefix)
    if (entry.type === 'file' && entry.size > 0) yield* contentOf(root, entry)
  }
  yield Buffer.alloc(2 * BLOCK_BYTES)
}

function* headerOf(entry: TreeEntry, prefix: string): Generator<Uint8Array> {
  const isFolder = entry.type === 'folder'
  const fields = {
    path: `${prefix}${entry.path}${isFolder ? '/' : ''}`,
    mode: isFolder ? entry.mode | 0o100 : entry.mode,
    size: entry.size,
    mtime: new Date(entry.mtime * 1000),
    type: TYPES[entry.type],
    ...(entry.type === 'link' && { linkpath: entry.content }),
  } as const
  const header = new Header(fields)
  if (header.encode()) yield new Pax(fields).encode()
  if (header.block !== undefined) yield header.block
}

const TYPES = { file: 'File', folder: 'Directory', link: 'SymbolicLink' } as const

async function* contentOf(root: string, entry: TreeEntry): AsyncGenerator<Uint8Array> {
  const file = await inParent(root, entry.path, openRegular)
  let written = 0
  try {
    if (file !== undefined) {
      for await (const chunk of readExactly(file, entry.size)) {
        written += chunk.length
        yield Buffer.from(chunk)
      }
    }
  } finally {
    await file?.close()
  }
  yield* zeros(entry.size - written)
  yield* zeros((BLOCK_BYTES - (entry.size % BLOCK_BYTES)) % BLOCK_BYTES)
}

function* zeros(bytes: number): Generator<Uint8Array> {
  for (let left = bytes; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, left)
}

const BLOCK_BYTES = 512
const ZEROS = Buffer.alloc(64 * 1024)

/**
 * Unpacks a tar archive, not compressed, into an existing folder, as the app's own user: an entry
 * that is behind a link leads to nothing that the app could not write anyway.
 *
 * @param owner who unpacks and owns the files; `folder` has to be theirs
 * @throws Error with what `tar` said
 */
export async function unpackArchive(
  archive: Readable,
  folder: string,
  owner: Owner,
  signal?: AbortSignal,
): Promise<void> {
  // The folder is entered before privileges are dropped, so those above it may be closed.
  const child = spawn('tar', ['-x', '-f', '-', '--no-same-owner', '--no-same-permissions'], {
    cwd: folder,
    env: { PATH: SYSTEM_PATH, LC_ALL: 'C.UTF-8' },
    stdio: ['pipe', 'ignore', 'pipe'],
    ...(owner !== null && { uid: owner.uid, gid: owner.uid }),
    ...(signal !== undefined && { signal, killSignal: 'SIGKILL' }),
  })
  const said: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => said.length < SAID_MAX && said.push(chunk))
  child.stdin.on('error', () => {})
  const [{ code }] = await Promise.all([childClose(child), feed(archive, child.stdin)])
  if (code === 0) return
  const text = Buffer.concat(said).toString('utf8').trim()
  throw new Error(text === '' ? `tar ended with ${code ?? 'a signal'}` : text)
}

/** `tar` ends at the archive's end mark; what follows it is read and dropped. */
async function feed(archive: Readable, input: Writable): Promise<void> {
  try {
    for await (const chunk of archive) {
      if (input.writable) await new Promise<void>((resolve) => input.write(chunk, () => resolve()))
    }
  } finally {
    input.end()
  }
}

const SYSTEM_PATH = '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin'

/** Pieces of what `tar` says that are kept for the message. */
const SAID_MAX = 16
