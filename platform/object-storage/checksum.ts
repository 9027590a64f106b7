import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** The checksums that S3 clients send along, by the name in `x-amz-checksum-<name>`. */
export const CHECKSUM_NAMES = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const
export type ChecksumName = (typeof CHECKSUM_NAMES)[number]

/** A checksum that is fed piece by piece. */
export type Checksum = Readonly<{
  update: (chunk: Uint8Array) => void
  /** Base64 of the big-endian value, as S3 writes it. */
  digest: () => string
}>

export function createChecksum(name: ChecksumName): Checksum {
  switch (name) {
    case 'sha1':
    case 'sha256': {
      const hash = createHash(name)
      return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest('base64') }
    }
    case 'crc32':
      return crc(4, (value, chunk) => BigInt(crc32(chunk, Number(value))))
    case 'crc32c':
      return crc(4, (value, chunk) => BigInt(crc32c(chunk, Number(value))))
    case 'crc64nvme':
      return crc(8, crc64nvme)
  }
}

function crc(bytes: 4 | 8, next: (value: bigint, chunk: Uint8Array) => bigint): Checksum {
  let value = 0n
  return {
    update: (chunk) => void (value = next(value, chunk)),
    digest: () => {
      const buffer = Buffer.alloc(8)
      buffer.writeBigUInt64BE(value)
      return buffer.subarray(8 - bytes).toString('base64')
    },
  }
}

/** CRC-32C (Castagnoli), reflected. */
export function crc32c(chunk: Uint8Array, start = 0): number {
  let value = ~start
  for (const byte of chunk) value = (CRC32C_TABLE[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8)
  return ~value >>> 0
}

const CRC32C_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  return value
})

/**
 * CRC-64/NVME, reflected. Two 32-bit halves, since `bigint` arithmetic a byte is a hundred times
 * slower.
 */
export function crc64nvme(start: bigint, chunk: Uint8Array): bigint {
  let high = ~Number(start >> 32n) | 0
  let low = ~Number(start & 0xffffffffn) | 0
  for (const byte of chunk) {
    const index = (low ^ byte) & 0xff
    low = ((low >>> 8) | (high << 24)) ^ (CRC64_LOW[index] ?? 0)
    high = (high >>> 8) ^ (CRC64_HIGH[index] ?? 0)
  }
  return (BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0)
}

const CRC64_POLYNOMIAL = 0x9a6c9329ac4bc9b5n
const CRC64_TABLE = Array.from({ length: 256 }, (_, byte) => {
  let value = BigInt(byte)
  for (let bit = 0; bit < 8; bit++)
    value = value & 1n ? (value >> 1n) ^ CRC64_POLYNOMIAL : value >> 1n
  return value
})
const CRC64_LOW = Int32Array.from(CRC64_TABLE, (value) => Number(value & 0xffffffffn) | 0)
const CRC64_HIGH = Int32Array.from(CRC64_TABLE, (value) => Number(value >> 32n) | 0)
