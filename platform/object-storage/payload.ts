import { createHash } from 'node:crypto'
import type { Authenticated } from './authentication.ts'
import { CHECKSUM_NAMES, createChecksum, type Checksum, type ChecksumName } from './checksum.ts'
import { decodeChunks, type Trailers } from './chunked-body.ts'
import type { Headers } from './conditions.ts'
import { s3Problem } from './problems.ts'

/** What a body turned out to be, once it is read to its end. */
export type PayloadFacts = Readonly<{
  size: number
  /** In hex: the ETag of what is uploaded in one piece. */
  md5: string
  /** `x-amz-checksum-<name>` → base64, for every checksum that the client sent and that was right. */
  checksums: Readonly<Record<string, string>>
}>

export type Payload = Readonly<{
  /** What the headers say it will be. */
  size: number
  /** The bytes themselves; throws at the end if a digest or a length is not what was said. */
  bytes: AsyncIterable<Uint8Array>
  /** To be asked after `bytes` has ended. */
  facts: () => PayloadFacts
}>

export type PayloadOptions = Readonly<{
  headers: Headers
  authenticated: Pick<Authenticated, 'payloadHash' | 'chunks'>
  bytesMax: number
  /** Checksums to be worked out although the client says nothing of them. */
  alsoWanted?: readonly ChecksumName[]
}>

/**
 * The body of a PUT as it was before the client wrapped it, checked against everything the client
 * said of it: length, MD5, SHA-256, checksums in front of it and behind it.
 *
 * @throws Problem `missing_length`, `entity_too_large`, `invalid_digest`, `invalid_request`
 */
export function openPayload(body: AsyncIterable<Uint8Array>, options: PayloadOptions): Payload {
  const { headers, authenticated, bytesMax, alsoWanted = [] } = options
  const { payloadHash } = authenticated
  const isChunked = payloadHash.startsWith('STREAMING-')
  const size = sizeOf(headers, isChunked)
  if (size > bytesMax) throw tooLarge(size, bytesMax)
  const digests = openDigests(headers, payloadHash, alsoWanted)
  let read = 0

  async function* bytes(): AsyncGenerator<Uint8Array> {
    const announced = announcedTrailers(headers)
    const trailers = { announced, onTrailer: digests.onTrailer }
    const inside = isChunked ? unwrap(body, authenticated, trailers) : body
    for await (const chunk of inside) {
      read += chunk.length
      if (read > size) throw s3Problem('incomplete_body', `The body is longer than ${size} bytes.`)
      digests.update(chunk)
      yield chunk
    }
    if (read < size)
      throw s3Problem('incomplete_body', `The body ends at ${read} of ${size} bytes.`)
    digests.check()
  }
  return { size, bytes: bytes(), facts: () => ({ size: read, ...digests.facts() }) }
}

function sizeOf(headers: Headers, isChunked: boolean): number {
  const text = isChunked ? headers['x-amz-decoded-content-length'] : headers['content-length']
  if (text === undefined || !/^\d{1,15}$/.test(text)) {
    throw s3Problem('missing_length', 'You must provide the Content-Length HTTP header.')
  }
  return Number(text)
}

export const tooLarge = (size: number, bytesMax: number) =>
  s3Problem('entity_too_large', 'Your proposed upload exceeds the maximum allowed size', {
    details: { ProposedSize: size, MaxSizeAllowed: bytesMax },
  })

function unwrap(
  body: AsyncIterable<Uint8Array>,
  { payloadHash, chunks }: Pick<Authenticated, 'payloadHash' | 'chunks'>,
  trailers: Trailers,
): AsyncIterable<Uint8Array> {
  switch (payloadHash) {
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
      return decodeChunks(body, chunks, { ...trailers, announced: [] })
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
      return decodeChunks(body, chunks, trailers)
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER':
      return decodeChunks(body, undefined, trailers)
    default:
      throw s3Problem('not_implemented', `${payloadHash} is not supported.`)
  }
}

/** All digests that a request asks for, fed together. */
function openDigests(headers: Headers, payloadHash: string, alsoWanted: readonly ChecksumName[]) {
  const md5 = createHash('md5')
  const sha256 = /^[0-9a-f]{64}$/.test(payloadHash) ? createHash('sha256') : undefined
  const wantedMd5 = headers['content-md5']
  if (wantedMd5 !== undefined && Buffer.from(wantedMd5, 'base64').length !== 16) {
    throw s3Problem('invalid_digest', 'The Content-MD5 you specified is not valid')
  }
  const checksums = new Map<ChecksumName, Checksum>(
    [...announcedChecksums(headers), ...alsoWanted].map((name) => [name, createChecksum(name)]),
  )
  const trailers = new Map<string, string>()
  const found: Record<string, string> = {}
  let md5Hex = ''

  return {
    onTrailer: (name: string, value: string): void => void trailers.set(name, value),
    update: (chunk: Uint8Array): void => {
      md5.update(chunk)
      sha256?.update(chunk)
      for (const checksum of checksums.values()) checksum.update(chunk)
    },
    check: (): void => {
      const digest = md5.digest()
      md5Hex = digest.toString('hex')
      if (wantedMd5 !== undefined && digest.toString('base64') !== wantedMd5.trim()) {
        throw s3Problem(
          'bad_digest',
          'The Content-MD5 you specified did not match what we received.',
        )
      }
      if (sha256 !== undefined && sha256.digest('hex') !== payloadHash) {
        throw s3Problem(
          'content_hash_mismatch',
          "The provided 'x-amz-content-sha256' header does not match what was computed.",
        )
      }
      for (const [name, checksum] of checksums) {
        const header = `x-amz-checksum-${name}`
        const value = checksum.digest()
        const wanted = trailers.get(header) ?? headers[header]
        if (wanted !== undefined && wanted !== value) {
          throw s3Problem(
            'bad_digest',
            `The ${name.toUpperCase()} you specified did not match what we received.`,
          )
        }
        found[header] = value
      }
    },
    facts: () => ({ md5: md5Hex, checksums: found }),
  }
}

const announcedTrailers = (headers: Headers): string[] =>
  (headers['x-amz-trailer'] ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

/** Checksums sent as a header, announced as a trailer, or asked of us by the SDK's own header. */
export function announcedChecksums(headers: Headers): ChecksumName[] {
  const trailers = announcedTrailers(headers)
  const named = (headers['x-amz-sdk-checksum-algorithm'] ?? '').toLowerCase()
  return CHECKSUM_NAMES.filter(
    (name) =>
      headers[`x-amz-checksum-${name}`] !== undefined ||
      trailers.includes(`x-amz-checksum-${name}`) ||
      named === name,
  )
}
