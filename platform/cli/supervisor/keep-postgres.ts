import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { findPostmaster } from '@hokku/postgres/postmaster'

/**
 * Has the embedded PostgreSQL run as long as the supervisor does, also while the control plane is
 * dead: apps do not ask us before they connect. Looking costs two small reads; starting is done by
 * a process apart, so that the supervisor carries no database driver.
 *
 * @param directory HOKKU_HOME/postgres
 */
export async function keepPostgres(
  directory: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  const data = join(directory, 'data')
  const since = performance.now()
  let hasRun = false
  let delayMs = LOOK_MS
  while (!signal.aborted) {
    const runs = (await findPostmaster(data)) !== undefined
    hasRun ||= runs
    // The first start is the control plane's: it knows settings and certificate.
    const isOurs = hasRun || performance.now() - since > FIRST_START_MS
    if (!runs && isOurs && existsSync(join(data, 'PG_VERSION')) && !signal.aborted) {
      const failure = await start(directory, env)
      say(failure === null ? 'PostgreSQL had ended and runs again' : failure)
      delayMs = failure === null ? LOOK_MS : Math.min(delayMs * 2, DELAY_MS_MAX)
    } else {
      delayMs = LOOK_MS
    }
    await sleep(delayMs, undefined, { signal, ref: false }).catch(() => {})
  }
}

const LOOK_MS = 500
const FIRST_START_MS = 30_000
const DELAY_MS_MAX = 60_000

/** @returns why it failed, or null */
async function start(directory: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  const program = join(import.meta.dirname, 'start-postgres.ts')
  try {
    await promisify(execFile)(process.execPath, [program, directory], { env })
    return null
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
    return `PostgreSQL does not start: ${said.trim().slice(0, MESSAGE_LENGTH_MAX)}`
  }
}

const MESSAGE_LENGTH_MAX = 2000
