import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createChecksum, CHECKSUM_NAMES } from './checksum.ts'

/** The check values of the CRC catalogue and of the SHA standards, for the text "123456789". */
const EXPECTED = {
  crc32: Buffer.from('cbf43926', 'hex').toString('base64'),
  crc32c: Buffer.from('e3069283', 'hex').toString('base64'),
  crc64nvme: Buffer.from('ae8b14860a799888', 'hex').toString('base64'),
  sha1: Buffer.from('f7c3bc1d808e04732adf679965ccc34ca7ae3441', 'hex').toString('base64'),
  sha256: Buffer.from(
    '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
    'hex',
  ).toString('base64'),
}

for (const name of CHECKSUM_NAMES) {
  test(`${name} has its standard's check value, in one piece and in several`, () => {
    const whole = createChecksum(name)
    whole.update(Buffer.from('123456789'))
    const pieces = createChecksum(name)
    for (const piece of ['1', '2345', '', '6789']) pieces.update(Buffer.from(piece))

    assert.equal(whole.digest(), EXPECTED[name])
    assert.equal(pieces.digest(), EXPECTED[name])
  })
}
