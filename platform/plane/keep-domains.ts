import { setTimeout as sleep } from 'node:timers/promises'
import { proveNow, type Plane } from '../api/index.ts'

/** Looks once a minute whether domains that wait for their proof have it. */
export async function keepDomains(plane: Plane, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(LOOK_MS, undefined, { signal, ref: false }).catch(() => {})
    if (signal.aborted) return
    for (const domain of plane.store.domains.unproved(LOOKED_AT_MAX)) {
      await proveNow(domain, plane).catch((error: unknown) =>
        console.error(`The proof of ${domain.hostname} could not be looked up:`, error),
      )
    }
  }
}

const LOOK_MS = 60_000
/** In one round, the oldest first; a lookup may take seconds. */
const LOOKED_AT_MAX = 50
