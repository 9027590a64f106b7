import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/**
 * AWS Signature Version 4, the arithmetic alone.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */

/** What a credential is good for: `20261121/us-east-1/s3`. */
export type Scope = Readonly<{ date: string; region: string; service: string }>

export type SignedRequest = Readonly<{
  method: string
  /** As on the wire, percent-encoded, without the query. */
  path: string
  /** As on the wire, without `?`. */
  query: string
  /** Lower-case names; a header sent several times has its values joined by a comma. */
  headers: Readonly<Record<string, string>>
  signedHeaders: readonly string[]
  /** `x-amz-content-sha256`, or `UNSIGNED-PAYLOAD`. */
  payloadHash: string
}>

/** The text that a request's signature is made of; see "canonical request" in the manual. */
export function canonicalRequest(request: SignedRequest): string {
  const headers = request.signedHeaders
    .map((name) => `${name}:${(request.headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}\n`)
    .join('')
  return [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(request.query),
    headers,
    request.signedHeaders.join(';'),
    request.payloadHash,
  ].join('\n')
}

/** S3 signs the path as it was sent, encoded once; clients differ in what they leave bare. */
const canonicalPath = (path: string): string =>
  path
    .split('/')
    .map((part) => encode(decode(part)))
    .join('/')

/** Sorted by name, then value; the signature itself is left out. */
function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((pair) => pair !== '' && !pair.startsWith('X-Amz-Signature='))
    .map((pair) => {
      const at = pair.indexOf('=')
      const name = at < 0 ? pair : pair.slice(0, at)
      const value = at < 0 ? '' : pair.slice(at + 1)
      return [encode(decodeQuery(name)), encode(decodeQuery(value))] as const
    })
    .toSorted(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** RFC 3986, as Amazon wants it: everything but letters, digits, `-`, `.`, `_` and `~`. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/** A stray `%` stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const decodeQuery = (text: string): string => decode(text.replaceAll('+', ' '))

/** What is signed: algorithm, time (`20261121T054700Z`), scope, digest of the canonical request. */
export const stringToSign = (time: string, scope: Scope, canonical: string): string =>
  ['AWS4-HMAC-SHA256', time, scopeText(scope), sha256(canonical)].join('\n')

export const scopeText = ({ date, region, service }: Scope): string =>
  `${date}/${region}/${service}/aws4_request`

/** The key of one day, region and service; worth keeping, it costs four HMACs. */
export function signingKey(secret: string, { date, region, service }: Scope): Buffer {
  const day = hmac(`AWS4${secret}`, date)
  return hmac(hmac(hmac(day, region), service), 'aws4_request')
}

export const sign = (key: Buffer, text: string): string => hmac(key, text).toString('hex')

/** Takes constant time, so timing reveals nothing. */
export function sameSignature(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)]
  return one.length === other.length && timingSafeEqual(one, other)
}

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest()

export const sha256 = (data: string | Uint8Array): string =>
  createHash('sha256').update(data).digest('hex')

export const EMPTY_SHA256 = sha256('')

/** What a chunk of a signed stream is signed over; each signature takes in the one before it. */
export const chunkStringToSign = (
  time: string,
  scope: Scope,
  previous: string,
  chunk: Uint8Array,
): string =>
  ['AWS4-HMAC-SHA256-PAYLOAD', time, scopeText(scope), previous, EMPTY_SHA256, sha256(chunk)].join(
    '\n',
  )

/** The same for the trailing headers, joined as `name:value\n`. */
export const trailerStringToSign = (
  time: string,
  scope: Scope,
  previous: string,
  trailers: string,
): string =>
  ['AWS4-HMAC-SHA256-TRAILER', time, scopeText(scope), previous, sha256(trailers)].join('\n')
