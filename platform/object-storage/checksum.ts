import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { crc32c, crc64nvme } from './crc.ts'

/** The checksums that S3 clients send along, by the name in `x-amz-checksum-<name>`. */
export const CHECKSUM_NAMES = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const
export type ChecksumName = (typeof CHECKSUM_NAMES)[number]

export const isChecksumName = (name: string): name is ChecksumName =>
  CHECKSUM_NAMES.some((known) => known === name)

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
