import { setTimeout as sleep } from 'node:timers/promises'
import { embeddedStatus } from '@hokku/postgres'
import type { DatabaseServer } from '../addons/index.ts'

/**
 * Has the embedded PostgreSQL run as long as the control plane does: apps do not ask us before they
 * connect. Looking costs two small files a second.
 */
export async function keepPostgres(
  server: Pick<DatabaseServer, 'start'>,
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  let delayMs = LOOK_INTERVAL_MS
  while (!signal.aborted) {
    try {
      const { running } = await embeddedStatus({ directory })
      if (!running && !signal.aborted) await server.start()
      delayMs = LOOK_INTERVAL_MS
    } catch (error) {
      console.error('PostgreSQL does not start:', error)
      delayMs = Math.min(delayMs * 2, DELAY_MS_MAX)
    }
    await sleep(delayMs, undefined, { signal }).catch(() => {})
  }
}

const LOOK_INTERVAL_MS = 1000
const DELAY_MS_MAX = 60_000
