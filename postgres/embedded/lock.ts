import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { problem } from '../problems.ts'

/**
 * Runs `work` while no other process starts or stops the server of `directory`. The lock is
 * SQLite's write lock on a small file, so the kernel gives it back when its holder is killed:
 * nothing to go stale, nothing to steal.
 *
 * @throws Problem `postgres_busy` when someone holds it for longer than any start takes
 */
export async function withLock<T>(directory: string, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + LOCK_WAIT_MS
  for (;;) {
    const release = tryLock(directory)
    if (release) {
      try {
        return await work()
      } finally {
        release()
      }
    }
    if (Date.now() > deadline) {
      throw problem('postgres_busy', `Another process holds the lock of ${directory}.`, {
        hint: 'Wait until it has started or stopped the server, or end it.',
      })
    }
    await sleep(LOCK_POLL_MS)
  }
}

/** Takes the lock if it is free; the result gives it back. */
export function tryLock(directory: string): (() => void) | undefined {
  const database = new DatabaseSync(join(directory, 'start.lock'), { timeout: 0 })
  try {
    database.exec('begin exclusive')
    return () => database.close()
  } catch (error) {
    database.close()
    if (error instanceof Error && /locked|busy/.test(error.message)) return undefined
    throw error
  }
}

/** Longer than a start with crash recovery may take. */
const LOCK_WAIT_MS = 150_000
const LOCK_POLL_MS = 40
