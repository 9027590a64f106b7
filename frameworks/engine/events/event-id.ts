import { randomFillSync } from 'node:crypto'

/**
 * A new event id: 32 lower-case hex digits like PredictionIO's, but a UUIDv7, and each greater than
 * the one before, also within a millisecond: the index grows at its end only, which doubles the rate
 * of large imports. Clients must treat ids as opaque.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9562#name-monotonicity-and-counters
 */
export function createEventId(nowMs: number): string {
  if (nowMs > lastMs) [lastMs, counter] = [nowMs, 0]
  else if (++counter === COUNTER_END) [lastMs, counter] = [lastMs + 1, 0]
  if (used === POOL.length) {
    randomFillSync(POOL)
    used = 0
  }
  const random = POOL.subarray(used, used + RANDOM_BYTES)
  used += RANDOM_BYTES
  random[0] = 0x80 | ((random[0] ?? 0) & 0x3f)
  return timeHex() + counter.toString(16).padStart(3, '0') + random.toString('hex')
}

let lastMs = 0
let counter = 0
/** The counter has 12 bits; beyond them ids are ahead of the clock, as the RFC allows. */
const COUNTER_END = 4096

/** 48 bits of time and the version. */
function timeHex(): string {
  if (writtenMs !== lastMs) {
    writtenMs = lastMs
    written = `${lastMs.toString(16).padStart(12, '0')}7`
  }
  return written
}

let writtenMs = -1
let written = ''

/** Random bytes are drawn for 400 ids at once: a call for each costs more than the rest together. */
const RANDOM_BYTES = 8
const POOL = Buffer.alloc(RANDOM_BYTES * 400)
let used = POOL.length
