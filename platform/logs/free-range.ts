import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Gives a range of a file back to the disk; the file keeps its length and reads as zeros there.
 * Node has no `fallocate`, Linux's program of that name comes with util-linux.
 *
 * @returns whether the system could
 */
export async function freeRange(file: string, from: number, to: number): Promise<boolean> {
  if (process.platform !== 'linux') return false
  const range = ['--punch-hole', '--offset', String(from), '--length', String(to - from)]
  try {
    await run('fallocate', [...range, file], { timeout: TIMEOUT_MS })
    return true
  } catch {
    return false
  }
}

const TIMEOUT_MS = 10_000
