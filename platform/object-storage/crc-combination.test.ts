import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createChecksum } from './checksum.ts'
import { combineCrcs } from './crc-combination.ts'

const valueOf = (name: 'crc32' | 'crc32c' | 'crc64nvme', bytes: Uint8Array): string => {
  const checksum = createChecksum(name)
  checksum.update(bytes)
  return checksum.digest()
}

for (const name of ['crc32', 'crc32c', 'crc64nvme'] as const) {
  test(`the ${name} of the whole follows from those of its pieces`, () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), (pieces) => {
        const checked = pieces.map((piece) => ({
          value: valueOf(name, piece),
          size: piece.length,
        }))

        assert.equal(combineCrcs(name, checked), valueOf(name, Buffer.concat(pieces)))
      }),
    )
  })
}
