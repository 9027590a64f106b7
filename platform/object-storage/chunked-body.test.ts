import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeChunks } from './chunked-body.ts'
import { chunkStringToSign, sign, signingKey, trailerStringToSign } from './signature-v4.ts'

const scope = { date: '20261121', region: 'us-east-1', service: 's3' }
const signing = {
  time: '20261121T000000Z',
  scope,
  key: signingKey('secret', scope),
  seed: 'a'.repeat(64),
}

/** Cuts `bytes` at the given places, as a network would. */
async function* inPieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted(
    (a, b) => a - b,
  )
  for (const [i, place] of places.slice(1).entries()) yield bytes.subarray(places[i], place)
}

async function decode(bytes: Buffer, cuts: readonly number[] = [], signed = false) {
  const trailers: Record<string, string> = {}
  const pieces: Uint8Array[] = []
  const body = decodeChunks(inPieces(bytes, cuts), signed ? signing : undefined, {
    announced: ['x-amz-checksum-crc32'],
    onTrailer: (name, value) => (trailers[name] = value),
  })
  for await (const piece of body) pieces.push(Buffer.from(piece))
  return { data: Buffer.concat(pieces), trailers }
}

function encode(chunks: readonly Uint8Array[], signed = false): Buffer {
  let previous = signing.seed
  const parts = [...chunks.filter((chunk) => chunk.length > 0), Buffer.alloc(0)].map((chunk) => {
    previous = sign(signing.key, chunkStringToSign(signing.time, scope, previous, chunk))
    const head = `${chunk.length.toString(16)}${signed ? `;chunk-signature=${previous}` : ''}\r\n`
    return Buffer.concat([Buffer.from(head), chunk, Buffer.from(chunk.length > 0 ? '\r\n' : '')])
  })
  const trailer = 'x-amz-checksum-crc32:AAAAAA=='
  const text = trailerStringToSign(signing.time, scope, previous, `${trailer}\n`)
  const signature = `x-amz-trailer-signature:${sign(signing.key, text)}\r\n`
  return Buffer.concat([...parts, Buffer.from(`${trailer}\r\n${signed ? signature : ''}\r\n`)])
}

test('what was put into chunks comes out, wherever the network cuts it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }),
      fc.array(fc.nat(500), { maxLength: 8 }),
      fc.boolean(),
      async (chunks, cuts, signed) => {
        const { data, trailers } = await decode(encode(chunks, signed), cuts, signed)

        assert.deepEqual(data, Buffer.concat(chunks))
        assert.equal(trailers['x-amz-checksum-crc32'], 'AAAAAA==')
      },
    ),
  )
})

test('a chunk that was changed on the way is refused', async () => {
  const bytes = encode([Buffer.from('honest')], true)
  bytes[bytes.indexOf('honest')] = 'H'.charCodeAt(0)

  await assert.rejects(decode(bytes, [], true), { code: 'signature_mismatch' })
})

test('a body that ends too soon is refused, wherever it ends', async () => {
  const bytes = encode([Buffer.from('some data')])
  const end = bytes.indexOf('x-amz-checksum')

  for (let length = 0; length < end - 2; length++) {
    await assert.rejects(decode(bytes.subarray(0, length)), { code: 'incomplete_body' })
  }
  for (let length = end - 2; length < end; length++) {
    await assert.rejects(decode(bytes.subarray(0, length)))
  }
  await assert.rejects(decode(bytes.subarray(0, end)), { code: 'malformed_trailer' })
})

test('trailers are those that were announced, and signed where the chunks are', async () => {
  const bytes = encode([Buffer.from('some data')])
  const [before, after] = bytes.toString().split('x-amz-checksum-crc32:AAAAAA==\r\n')
  const other = (trailers: string): Buffer => Buffer.from(`${before}${trailers}${after}`)
  const signed = encode([Buffer.from('some data')], true).toString()

  for (const trailers of [
    '',
    'x-amz-checksum-sha1:AAAA\r\n',
    'x-amz-checksum-crc32:AAAAAA==\r\nx:y\r\n',
  ]) {
    await assert.rejects(decode(other(trailers)), { code: 'malformed_trailer' })
  }
  await assert.rejects(decode(Buffer.concat([bytes, Buffer.from('more')])), {
    code: 'malformed_trailer',
  })
  for (const changed of [
    signed.replace(/x-amz-trailer-signature:\w+\r\n/, ''),
    signed.replace('crc32:AAAAAA', 'crc32:BBBBBB'),
  ]) {
    await assert.rejects(decode(Buffer.from(changed), [], true), { code: 'signature_mismatch' })
  }
})

test('an unsigned chunk may be as large as the body', async () => {
  const bytes = encode([Buffer.alloc(17 * 1024 * 1024)])

  assert.equal((await decode(bytes)).data.length, 17 * 1024 * 1024)
})

test('what is not a chunk is refused', async () => {
  for (const text of [
    'hello\r\n',
    '-1\r\n',
    'fffffffffff\r\n',
    '5;chunk-signature=zz\r\nhello\r\n',
  ]) {
    await assert.rejects(decode(Buffer.from(text)), { code: 'invalid_request' })
  }
})
