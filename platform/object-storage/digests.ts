import { createHash } from 'node:crypto'
import { createChecksum, type ChecksumName } from './checksum.ts'

export type DigestName = 'md5' | ChecksumName

/** Base64 by name. */
export type DigestValues = Readonly<Partial<Record<DigestName, string>>>

/** Digests of one body, all fed together. */
export function createDigests(names: readonly DigestName[]) {
  const digests = [...new Set(names)].map((name) => [name, createDigest(name)] as const)
  return {
    update: (piece: Uint8Array): void => {
      for (const [, digest] of digests) digest.update(piece)
    },
    values: (): DigestValues =>
      Object.fromEntries(digests.map(([name, digest]) => [name, digest.digest()])),
  }
}

function createDigest(name: DigestName) {
  if (name !== 'md5') return createChecksum(name)
  const hash = createHash('md5')
  return {
    update: (piece: Uint8Array): void => void hash.update(piece),
    digest: () => hash.digest('base64'),
  }
}
