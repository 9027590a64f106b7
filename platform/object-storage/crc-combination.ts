import type { ChecksumName } from './checksum.ts'

/**
 * The CRC of several pieces together, from theirs and their sizes, without the bytes: so completing
 * an upload of a terabyte reads nothing.
 *
 * A CRC is a remainder of polynomials over GF(2); what follows a piece multiplies its remainder by
 * x^(8 · bytes). Numbers are bit-reflected, the highest bit standing for x^0.
 */

const CRCS = {
  crc32: { bits: 32n, polynomial: 0xedb88320n },
  crc32c: { bits: 32n, polynomial: 0x82f63b78n },
  crc64nvme: { bits: 64n, polynomial: 0x9a6c9329ac4bc9b5n },
} as const
type CrcName = keyof typeof CRCS
type Field = Readonly<{ bits: bigint; polynomial: bigint }>

export const isCrc = (name: ChecksumName): name is CrcName => name in CRCS

export type CheckedPiece = Readonly<{
  /** Base64 of the big-endian CRC. */
  value: string
  size: number
}>

export function combineCrcs(name: CrcName, pieces: readonly CheckedPiece[]): string {
  const field = CRCS[name]
  const shifts = new Map<number, bigint>()
  let whole = 0n
  for (const { value, size } of pieces) {
    // All parts but the last have the same size, as a rule.
    const shift = shifts.get(size) ?? powerOfX(size, field)
    shifts.set(size, shift)
    whole = multiply(shift, whole, field) ^ read(value)
  }
  return write(whole, field)
}

/** x^(8 · bytes), by squaring. */
function powerOfX(bytes: number, field: Field): bigint {
  const one = 1n << (field.bits - 1n)
  let square = one >> 8n
  let power = one
  for (let left = BigInt(bytes); left > 0n; left >>= 1n) {
    if (left & 1n) power = multiply(square, power, field)
    square = multiply(square, square, field)
  }
  return power
}

function multiply(a: bigint, b: bigint, { bits, polynomial }: Field): bigint {
  let product = 0n
  let term = b
  for (let bit = 1n << (bits - 1n); bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= term
    term = term & 1n ? (term >> 1n) ^ polynomial : term >> 1n
  }
  return product
}

const read = (base64: string): bigint =>
  BigInt(`0x0${Buffer.from(base64, 'base64').toString('hex')}`)

const write = (value: bigint, { bits }: Field): string =>
  Buffer.from(value.toString(16).padStart(Number(bits) / 4, '0'), 'hex').toString('base64')
