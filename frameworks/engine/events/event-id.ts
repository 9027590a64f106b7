import { randomFillSync } from 'node:crypto'

/**
 * A new event id: 32 lower-case hex digits like PredictionIO's, but time-ordered (UUIDv7), so that
 * the index grows at its end. Clients must treat ids as opaque.
 */
export function createEventId(nowMs: number): string {
  if (used === POOL.length) {
    randomFillSync(POOL)
    used = 0
  }
  const random = POOL.subarray(used, used + RANDOM_BYTES)
  used += RANDOM_BYTES
  random[0] = 0x70 | ((random[0] ?? 0) & 0x0f)
  random[2] = 0x80 | ((random[2] ?? 0) & 0x3f)
  return nowMs.toString(16).padStart(12, '0') + random.toString('hex')
}

const RANDOM_BYTES = 10

/** Random bytes are drawn for 400 ids at once: a call for each costs more than the rest together. */
const POOL = Buffer.alloc(RANDOM_BYTES * 400)
let used = POOL.length
