import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { statfs } from 'node:fs/promises'

export type DiskUse = Readonly<{ bytes: number; files: number }>

/**
 * What trees of an app hold on the disk. `find` follows no link, crosses to no other file system,
 * and is done when it has seen `ENTRIES_MAX`: more are not worth the time of counting them.
 */
export async function diskUse(paths: readonly string[]): Promise<DiskUse> {
  const [file, args] = process.platform === 'linux' ? FIND : DU
  const child = spawn(file, args(paths), { stdio: ['ignore', 'pipe', 'ignore'] })
  child.on('error', () => {})
  let bytes = 0
  let files = 0
  for await (const line of createInterface({ input: child.stdout })) {
    bytes += Number.parseInt(line, 10) * BLOCK_BYTES || 0
    files++
    if (files >= ENTRIES_MAX) break
  }
  child.kill('SIGKILL')
  return { bytes, files }
}

/** One line an entry, with its blocks of 512 bytes. */
const FIND = [
  'find',
  (paths: readonly string[]) => ['-P', ...paths, '-xdev', '-printf', '%b\n'],
] as const
/** macOS: one line a folder. */
const DU = ['du', (paths: readonly string[]) => ['-sxP', ...paths]] as const

const BLOCK_BYTES = 512
const ENTRIES_MAX = 2_000_000

/** What a file system has left for us. */
export type FreeSpace = Readonly<{ bytes: number; files: number }>

export async function freeSpace(path: string): Promise<FreeSpace> {
  const { bavail, bsize, ffree, files } = await statfs(path)
  // Some file systems make inodes as they need them, and say 0.
  return { bytes: bavail * bsize, files: files === 0 ? Number.MAX_SAFE_INTEGER : ffree }
}
