import { problem } from '../problems.ts'

/** A two's-complement little-endian integer of any length; a number where that is exact. */
export function readLong(bytes: Uint8Array): number | bigint {
  if (bytes.length > LONG_BYTES_MAX) {
    throw problem('pickle_invalid', `The pickle holds an integer of ${bytes.length} bytes.`)
  }
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!)
  value = BigInt.asIntN(bytes.length * 8, value)
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}

/** The largest real ones are the 128-bit states of random generators, and RandomState's words. */
const LONG_BYTES_MAX = 4096
