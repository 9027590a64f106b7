import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Problem } from '@hokku/kit/problem'
import { problem } from '../problems.ts'
import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'
import { SERVER_ENVIRONMENT } from './cluster.ts'
import { findPostmaster, type Postmaster } from './postmaster.ts'

/**
 * Starts the server in its own session, so that no terminal and no parent ends it, and waits
 * until it accepts connections.
 *
 * @throws Problem `postgres_unavailable` with the end of the server's log
 */
export async function launch(
  directory: string,
  binaries: Binaries,
  account: Account | undefined,
): Promise<Postmaster> {
  const deadline = Date.now() + ORPHANS_TIMEOUT_MS
  for (;;) {
    try {
      return await launchOnce(directory, binaries, account)
    } catch (cause) {
      const why = await reason(directory)
      if (!why.includes('still in use') || Date.now() > deadline)
        throw failure(directory, why, cause)
      await sleep(ORPHANS_POLL_MS)
    }
  }
}

/** Sessions of a killed server hold its memory until they notice that they are alone. */
const ORPHANS_TIMEOUT_MS = 20_000
const ORPHANS_POLL_MS = 200

async function launchOnce(
  directory: string,
  binaries: Binaries,
  account: Account | undefined,
): Promise<Postmaster> {
  const data = join(directory, 'data')
  // Left by a killed server. PostgreSQL refuses to start when its process id is in use again, or
  // still: the parent of the killed one may be too busy to notice.
  await rm(join(data, 'postmaster.pid'), { force: true })
  const socket = join(directory, 'socket')
  for (const name of await readdir(socket)) await rm(join(socket, name), { force: true })
  const log = await open(join(directory, 'start.log'), 'w', 0o600)
  try {
    const child = spawn(binaries.postgres, ['-D', data], {
      ...account,
      cwd: data,
      detached: true,
      env: SERVER_ENVIRONMENT,
      stdio: ['ignore', log.fd, log.fd],
    })
    await once(child, 'spawn')
    child.unref()
    return await waitUntilReady(data, () => child.exitCode !== null || child.signalCode !== null)
  } finally {
    await log.close()
  }
}

function failure(directory: string, why: string, cause: unknown): Problem {
  return problem('postgres_unavailable', `PostgreSQL did not start: ${why}`, {
    cause,
    hint: `Its log is in ${join(directory, 'start.log')} and ${join(directory, 'data/log')}.`,
  })
}

async function waitUntilReady(data: string, hasExited: () => boolean): Promise<Postmaster> {
  const deadline = Date.now() + START_TIMEOUT_MS
  while (Date.now() < deadline) {
    const running = await findPostmaster(data)
    if (running?.ready) return running
    if (hasExited()) throw new Error('the server ended')
    await sleep(READY_POLL_MS)
  }
  throw new Error(`the server was not ready after ${START_TIMEOUT_MS / 1000} s`)
}

/** Recovery after a crash replays at most `max_wal_size` of log: seconds on any disk. */
const START_TIMEOUT_MS = 120_000
const READY_POLL_MS = 25

/** What the server said last at this start, which names the cause. */
async function reason(directory: string): Promise<string> {
  const logs = join(directory, 'data/log')
  const files = await readdir(logs).catch(() => [])
  const read = (path: string) => readFile(path, 'utf8').catch(() => '')
  const start = await read(join(directory, 'start.log'))
  const texts = await Promise.all(files.map((file) => read(join(logs, file))))
  const fatal = [start, ...texts].flatMap((text) => text.split('\n')).filter((l) => FATAL.test(l))
  const complaints = start.split('\n').filter((line) => !/^$|logging collector|"log"/.test(line))
  if (complaints.length > 0) return complaints.join(' ').slice(-REASON_LENGTH_MAX)
  return (
    fatal
      .toSorted()
      .at(-1)
      ?.replace(/^.*?(FATAL|PANIC)/, '$1') ?? 'it said nothing.'
  )
}

const FATAL = /\b(FATAL|PANIC): /
const REASON_LENGTH_MAX = 500
