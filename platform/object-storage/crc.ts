/**
 * CRCs that Node does not bring, eight bytes at a step: table k holds what a byte does to the
 * remainder of k bytes that follow it ("slicing by eight").
 */

/** CRC-32C (Castagnoli), reflected. */
export function crc32c(chunk: Uint8Array, start = 0): number {
  let crc = ~start
  let i = 0
  for (; i + 8 <= chunk.length; i += 8) {
    crc ^= word(chunk, i)
    crc =
      at(CRC32C, 7, crc) ^
      at(CRC32C, 6, crc >>> 8) ^
      at(CRC32C, 5, crc >>> 16) ^
      at(CRC32C, 4, crc >>> 24) ^
      at(CRC32C, 3, chunk[i + 4] ?? 0) ^
      at(CRC32C, 2, chunk[i + 5] ?? 0) ^
      at(CRC32C, 1, chunk[i + 6] ?? 0) ^
      at(CRC32C, 0, chunk[i + 7] ?? 0)
  }
  for (; i < chunk.length; i++) crc = at(CRC32C, 0, crc ^ (chunk[i] ?? 0)) ^ (crc >>> 8)
  return ~crc >>> 0
}

/**
 * CRC-64/NVME, reflected. Two 32-bit halves, since `bigint` arithmetic a byte is a hundred times
 * slower.
 */
export function crc64nvme(start: bigint, chunk: Uint8Array): bigint {
  let high = ~Number(start >> 32n) | 0
  let low = ~Number(start & 0xffffffffn) | 0
  let i = 0
  for (; i + 8 <= chunk.length; i += 8) {
    const [a, b] = [low ^ word(chunk, i), high ^ word(chunk, i + 4)]
    low = fold(CRC64_LOW, a, b)
    high = fold(CRC64_HIGH, a, b)
  }
  for (; i < chunk.length; i++) {
    const byte = low ^ (chunk[i] ?? 0)
    low = ((low >>> 8) | (high << 24)) ^ at(CRC64_LOW, 0, byte)
    high = (high >>> 8) ^ at(CRC64_HIGH, 0, byte)
  }
  return (BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0)
}

const fold = (tables: Int32Array, a: number, b: number): number =>
  at(tables, 7, a) ^
  at(tables, 6, a >>> 8) ^
  at(tables, 5, a >>> 16) ^
  at(tables, 4, a >>> 24) ^
  at(tables, 3, b) ^
  at(tables, 2, b >>> 8) ^
  at(tables, 1, b >>> 16) ^
  at(tables, 0, b >>> 24)

const at = (tables: Int32Array, table: number, byte: number): number =>
  tables[(table << 8) | (byte & 0xff)] ?? 0

const word = (chunk: Uint8Array, i: number): number =>
  (chunk[i] ?? 0) |
  ((chunk[i + 1] ?? 0) << 8) |
  ((chunk[i + 2] ?? 0) << 16) |
  ((chunk[i + 3] ?? 0) << 24)

/** All eight tables, one after the other. */
function tablesOf(polynomial: bigint): bigint[] {
  const tables = Array.from({ length: 256 }, (_, byte) => {
    let value = BigInt(byte)
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n
    return value
  })
  for (let i = 256; i < 8 * 256; i++) {
    const before = tables[i - 256] ?? 0n
    tables.push((before >> 8n) ^ (tables[Number(before & 0xffn)] ?? 0n))
  }
  return tables
}

const lowHalves = (values: readonly bigint[]): Int32Array =>
  Int32Array.from(values, (value) => Number(value & 0xffffffffn) | 0)

const CRC32C = lowHalves(tablesOf(0x82f63b78n))
const CRC64 = tablesOf(0x9a6c9329ac4bc9b5n)
const CRC64_LOW = lowHalves(CRC64)
const CRC64_HIGH = lowHalves(CRC64.map((value) => value >> 32n))
