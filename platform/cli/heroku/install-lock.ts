import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { problem } from '../../store/index.ts'

/**
 * Runs `work` while no other process installs into `folder`. The lock is SQLite's write lock on a
 * small file: the kernel gives it back when its holder is killed, so nothing goes stale.
 *
 * @throws Problem `heroku_cli_missing` if another process holds it for longer than any installation
 */
export async function withInstallLock(
  folder: string,
  say: (line: string) => void,
  work: () => Promise<void>,
): Promise<void> {
  const deadline = Date.now() + LOCK_WAIT_MS
  for (let isFirst = true; ; isFirst = false) {
    using lock = tryLock(join(folder, 'install.lock'))
    if (lock.isHeld) return await work()
    if (isFirst) say('Another process is installing the Heroku CLI; waiting for it.')
    if (Date.now() > deadline) {
      throw problem('heroku_cli_missing', `Another process holds ${folder}/install.lock.`, {
        hint: 'End that process, then try again.',
      })
    }
    await sleep(LOCK_POLL_MS)
  }
}

/** Longer than `npm ci` may take. */
const LOCK_WAIT_MS = 11 * 60_000
const LOCK_POLL_MS = 200

function tryLock(file: string): Disposable & { isHeld: boolean } {
  const database = new DatabaseSync(file, { timeout: 0 })
  const dispose = (): void => database.close()
  try {
    database.exec('begin exclusive')
    return { isHeld: true, [Symbol.dispose]: dispose }
  } catch (error) {
    const isBusy = error instanceof Error && /locked|busy/.test(error.message)
    if (isBusy) return { isHeld: false, [Symbol.dispose]: dispose }
    dispose()
    throw error
  }
}
