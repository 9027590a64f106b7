/** What git's line protocol carries: bytes, or the flush that ends a list. */
export type Packet = Uint8Array | 'flush'

/** Ends a list of packets. */
export const FLUSH = Buffer.from('0000')

/** Frames a packet: its length in four hexadecimal digits, these included, then the bytes. */
export function pktLine(packet: string | Uint8Array): Buffer {
  const bytes = Buffer.from(packet)
  if (bytes.length > PACKET_BYTES_MAX) throw new RangeError('a packet holds at most 65,516 bytes')
  const length = (bytes.length + LENGTH_BYTES).toString(16).padStart(LENGTH_BYTES, '0')
  return Buffer.concat([Buffer.from(length), bytes])
}

/**
 * Reads packets from the start of `bytes`.
 *
 * @returns the whole ones, and what is left
 * @throws SyntaxError for a length that is none
 */
export function parsePktLines(bytes: Uint8Array): { packets: Packet[]; rest: Uint8Array } {
  const packets: Packet[] = []
  let at = 0
  while (at + LENGTH_BYTES <= bytes.length) {
    const digits = Buffer.from(bytes.subarray(at, at + LENGTH_BYTES)).toString('latin1')
    const length = /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : Number.NaN
    if (length === 0) packets.push('flush')
    else if (!(length >= LENGTH_BYTES)) throw new SyntaxError(`${digits} is no packet length`)
    else if (at + length > bytes.length) break
    else packets.push(bytes.slice(at + LENGTH_BYTES, at + length))
    at += Math.max(length, LENGTH_BYTES)
  }
  return { packets, rest: bytes.slice(at) }
}

const LENGTH_BYTES = 4

/** What git itself accepts. */
const PACKET_BYTES_MAX = 65_516
