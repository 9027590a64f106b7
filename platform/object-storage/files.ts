import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, mkdir, open, readdir, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncDirectory } from '@hokku/kit/disk'
import type { Segment } from './catalogue/index.ts'
import type { ByteRange } from './range.ts'

/**
 * Where the bytes lie: `files/<2 hex>/<uuid>`, written once. A file counts when the catalogue names
 * it, which is after it is whole and synced; half of one is a file that no record names. Names come from
 * us alone, so no key can lead out of the folder.
 */
export type Files = Readonly<{
  /**
   * Writes what comes to a new file. It is whole and on disk when this resolves.
   *
   * @param onWritten is given the pieces that are done with, and may keep us waiting
   */
  write: (body: AsyncIterable<Uint8Array>, onWritten?: OnWritten) => Promise<Segment>
  /** The same bytes under a second name. */
  copy: (segment: Segment) => Promise<Segment>
  /** Keeps files readable until `close`, even if they are removed meanwhile. */
  hold: (segments: readonly Segment[]) => Held
  remove: (files: readonly string[]) => Promise<void>
  /** Removes files that are older than `before` and not in `known`, and half-written ones. */
  sweep: (known: ReadonlySet<string>, before: Date) => Promise<number>
}>

type OnWritten = (pieces: readonly Uint8Array[]) => Promise<void>

export type Held = Readonly<{
  read: (range: ByteRange) => AsyncGenerator<Uint8Array>
  close: () => void
}>

export async function openFiles(directory: string): Promise<Files> {
  const root = join(directory, 'files')
  for (const shelf of SHELVES) await mkdir(join(root, shelf), { recursive: true, mode: 0o700 })
  const pathOf = (file: string): string => join(root, file.slice(0, 2), file)
  const holds = new Map<string, number>()
  const doomed = new Set<string>()
  const letGo = (file: string): void => {
    const others = (holds.get(file) ?? 1) - 1
    if (others > 0) holds.set(file, others)
    else holds.delete(file)
    if (others === 0 && doomed.delete(file)) rm(pathOf(file), { force: true }).catch(printBug)
  }
  return {
    write: async (body, onWritten) => {
      const file = randomUUID()
      try {
        return { file, size: await writeWhole(pathOf(file), body, onWritten) }
      } catch (error) {
        await rm(pathOf(file), { force: true })
        throw error
      }
    },
    copy: async ({ file, size }) => {
      const second = randomUUID()
      await link(pathOf(file), pathOf(second))
      await syncDirectory(dirname(pathOf(second)))
      return { file: second, size }
    },
    hold: (segments) => {
      for (const { file } of segments) holds.set(file, (holds.get(file) ?? 0) + 1)
      let isOpen = true
      return {
        read: (range) => readRange(segments, range, pathOf),
        close: () => {
          if (isOpen) for (const { file } of segments) letGo(file)
          isOpen = false
        },
      }
    },
    remove: async (files) => {
      for (const file of files) {
        if (holds.has(file)) doomed.add(file)
        else await rm(pathOf(file), { force: true })
      }
    },
    sweep: async (known, before) => {
      let removed = 0
      for (const shelf of SHELVES) {
        for (const file of await readdir(join(root, shelf))) {
          if (known.has(file)) continue
          const { ctime } = await stat(pathOf(file)).catch(() => ({ ctime: new Date() }))
          if (ctime >= before) continue
          await rm(pathOf(file), { force: true })
          removed++
        }
      }
      return removed
    },
  }
}

const printBug = (error: unknown): void => console.error('bug:', error)

const SHELVES = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'))

async function writeWhole(
  path: string,
  body: AsyncIterable<Uint8Array>,
  onWritten?: OnWritten,
): Promise<number> {
  let size = 0
  const file = await open(path, 'wx', 0o600)
  try {
    for await (const pieces of inBlocks(body)) {
      size += await writeAll(file, pieces)
      await onWritten?.(pieces)
    }
    // The name after the bytes: most file systems have kept it with them by then.
    await file.datasync()
    await syncDirectory(dirname(path))
  } finally {
    await file.close()
  }
  return size
}

/** Sockets give 64 KiB at most; fewer and larger writes cost half as much. */
async function* inBlocks(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array[]> {
  let pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of body) {
    pieces.push(piece)
    size += piece.length
    if (size < BLOCK_BYTES) continue
    yield pieces
    pieces = []
    size = 0
  }
  if (size > 0) yield pieces
}

const BLOCK_BYTES = 512 * 1024

/** @returns how many bytes that are */
async function writeAll(file: FileHandle, pieces: readonly Uint8Array[]): Promise<number> {
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const { bytesWritten } = await file.writev(pieces)
  // Short only when the disk is about to be full.
  if (bytesWritten < size) await file.appendFile(Buffer.concat(pieces).subarray(bytesWritten))
  return size
}

async function* readRange(
  segments: readonly Segment[],
  { start, end }: ByteRange,
  pathOf: (file: string) => string,
): AsyncGenerator<Uint8Array> {
  let offset = 0
  for (const { file, size } of segments) {
    const from = Math.max(0, start - offset)
    const to = Math.min(size, end - offset)
    offset += size
    if (from >= to) continue
    const stream = createReadStream(pathOf(file), {
      start: from,
      end: to - 1,
      highWaterMark: BLOCK_BYTES,
    })
    for await (const chunk of stream) yield chunk as Buffer
  }
}
