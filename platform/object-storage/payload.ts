import type { Authenticated } from './authentication.ts'
import { CHECKSUM_NAMES, type ChecksumName } from './checksum.ts'
import { decodeChunks, type Trailers } from './chunked-body.ts'
import type { Headers } from './conditions.ts'
import type { Digests, OpenDigests } from './digest-threads.ts'
import type { DigestValues } from './digests.ts'
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
  /** The bytes themselves; throws at the end if they are not as many as was said. */
  bytes: AsyncIterable<Uint8Array>
  /** Wants the bytes back when they are done with; see `Digests`. */
  take: Digests['take']
  /**
   * To be asked after all bytes were given to `take`.
   *
   * @throws Problem `bad_digest`, `content_hash_mismatch` if they are not what was said
   */
  facts: () => Promise<PayloadFacts>
  /** In the end, in any case. */
  close: () => void
}>

export type PayloadOptions = Readonly<{
  headers: Headers
  authenticated: Pick<Authenticated, 'payloadHash' | 'chunks'>
  bytesMax: number
  /** Checksums to be worked out although the client says nothing of them. */
  alsoWanted?: readonly ChecksumName[]
  openDigests: OpenDigests
}>

/**
 * The body of a PUT as it was before the client wrapped it, checked against everything the client
 * said of it: length, MD5, SHA-256, checksums in front of it and behind it.
 *
 * @throws Problem `missing_length`, `entity_too_large`, `invalid_digest`, `invalid_request`
 */
export function openPayload(body: AsyncIterable<Uint8Array>, options: PayloadOptions): Payload {
  const { headers, authenticated, bytesMax, alsoWanted = [], openDigests } = options
  const { payloadHash } = authenticated
  const isChunked = payloadHash.startsWith('STREAMING-')
  const size = sizeOf(headers, isChunked)
  if (size > bytesMax) throw tooLarge(size, bytesMax)
  checkContentMd5(headers)
  const checksums = [...announcedChecksums(headers), ...alsoWanted]
  const hasHash = /^[0-9a-f]{64}$/.test(payloadHash)
  const digests = openDigests(['md5', ...checksums, ...(hasHash ? ['sha256' as const] : [])], size)
  const trailers = new Map<string, string>()
  let read = 0

  async function* bytes(): AsyncGenerator<Uint8Array> {
    const announced = announcedTrailers(headers)
    const onTrailer = (name: string, value: string): void => void trailers.set(name, value)
    const inside = isChunked ? unwrap(body, authenticated, { announced, onTrailer }) : body
    for await (const chunk of inside) {
      read += chunk.length
      if (read > size) throw s3Problem('incomplete_body', `The body is longer than ${size} bytes.`)
      yield chunk
    }
    if (read < size)
      throw s3Problem('incomplete_body', `The body ends at ${read} of ${size} bytes.`)
  }
  return {
    size,
    bytes: bytes(),
    take: digests.take,
    facts: async () => {
      const values = await digests.values()
      const said = { ...headers, ...Object.fromEntries(trailers) }
      checkDigests(values, said, hasHash ? payloadHash : undefined)
      return {
        size: read,
        md5: Buffer.from(values.md5 ?? '', 'base64').toString('hex'),
        checksums: Object.fromEntries(
          checksums.map((name) => [`x-amz-checksum-${name}`, values[name] ?? '']),
        ),
      }
    },
    close: digests.close,
  }
}

function sizeOf(headers: Headers, isChunked: boolean): number {
  const text = isChunked ? headers['x-amz-decoded-content-length'] : headers['content-length']
  if (text === undefined || !/^\d{1,15}$/.test(text)) {
    throw s3Problem('missing_length', 'You must provide the Content-Length HTTP header.')
  }
  return Number(text)
}

const tooLarge = (size: number, bytesMax: number) =>
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

function checkContentMd5({ 'content-md5': md5 }: Headers): void {
  if (md5 === undefined || Buffer.from(md5, 'base64').length === 16) return
  throw s3Problem('invalid_digest', 'The Content-MD5 you specified is not valid')
}

/** @param said headers and trailers */
function checkDigests(values: DigestValues, said: Headers, hash: string | undefined): void {
  const md5 = said['content-md5']?.trim()
  if (md5 !== undefined && md5 !== values.md5) throw wrongDigest('Content-MD5')
  if (hash !== undefined && hash !== Buffer.from(values.sha256 ?? '', 'base64').toString('hex')) {
    throw s3Problem(
      'content_hash_mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    )
  }
  for (const name of CHECKSUM_NAMES) {
    const checksum = said[`x-amz-checksum-${name}`]
    if (checksum !== undefined && checksum !== values[name]) throw wrongDigest(name.toUpperCase())
  }
}

const wrongDigest = (name: string) =>
  s3Problem('bad_digest', `The ${name} you specified did not match what we received.`)

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
