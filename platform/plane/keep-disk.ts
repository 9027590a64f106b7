import { open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freeSpace, type FreeSpace } from '../sandbox/index.ts'
import { diskNotices, RESERVE_FILE_BYTES, reserveStep } from './disk-state.ts'

/**
 * Looks after the disk of the home, and keeps a file that holds space for the platform itself.
 *
 * @returns what the operator should know now
 */
export function keepDisk(root: string, signal: AbortSignal): () => string[] {
  let free: FreeSpace = { bytes: Infinity, files: Infinity }
  const look = async (): Promise<void> => {
    free = await freeSpace(root)
    await keepReserve(join(root, 'reserve'), free)
  }
  void (async () => {
    while (!signal.aborted) {
      await look().catch((error: unknown) => console.error('The disk could not be kept:', error))
      await sleep(LOOK_MS, undefined, { signal, ref: false }).catch(() => {})
    }
  })()
  return () => diskNotices(root, free)
}

const LOOK_MS = 5000

async function keepReserve(file: string, free: FreeSpace): Promise<void> {
  const { size } = await stat(file).catch(() => ({ size: 0 }))
  const step = reserveStep(free, size >= RESERVE_FILE_BYTES)
  if (step === 'give up') await rm(file, { force: true })
  if (step === 'make') await fill(file)
}

/** Real blocks: a hole would hold no space. */
async function fill(file: string): Promise<void> {
  await using handle = await open(file, 'w', 0o600)
  const block = Buffer.alloc(2 ** 20, 1)
  for (let at = 0; at < RESERVE_FILE_BYTES; at += block.length) {
    await handle.write(block, 0, block.length, at)
  }
  await handle.sync()
}
