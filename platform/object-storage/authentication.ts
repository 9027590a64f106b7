import type { ChunkSigning } from './chunked-body.ts'
import { s3Problem } from './problems.ts'
import {
  canonicalRequest,
  sameSignature,
  sign,
  signingKey,
  stringToSign,
  type Scope,
} from './signature-v4.ts'

/** Who may use which bucket; one per add-on. */
export type Credential = Readonly<{
  accessKeyId: string
  secretAccessKey: string
  bucket: string
}>

/** A request as it came in. Header names in lower case. */
export type IncomingS3Request = Readonly<{
  method: string
  path: string
  query: string
  headers: Readonly<Record<string, string>>
}>

export type Authenticated = Readonly<{
  credential: Credential
  /** What the client says of the body: a digest, `UNSIGNED-PAYLOAD` or one of `STREAMING-…`. */
  payloadHash: string
  /** For bodies whose every chunk is signed. */
  chunks: ChunkSigning
}>

export type FindCredential = (accessKeyId: string) => Credential | undefined

/**
 * Checks who sent a request, by its Authorization header or its presigned query.
 *
 * @throws Problem `access_denied` without any, `invalid_access_key`, `signature_mismatch`,
 * `time_skewed`, `expired`, `authorization_malformed`, `headers_not_signed`, `invalid_argument`
 */
export function authenticateRequest(
  request: IncomingS3Request,
  find: FindCredential,
  now: Date,
): Authenticated {
  const claim = claimOf(request)
  const credential = find(claim.accessKeyId)
  if (credential === undefined) {
    throw s3Problem('invalid_access_key', 'The access key id is not known here.')
  }
  checkTime(claim, now)
  checkSigned(claim.signedHeaders, request.headers)
  const canonical = canonicalRequest({ ...request, ...claim })
  const key = signingKey(credential.secretAccessKey, claim.scope)
  const expected = sign(key, stringToSign(claim.time, claim.scope, canonical))
  if (!sameSignature(claim.signature, expected)) {
    throw s3Problem('signature_mismatch', 'The signature does not match: is the secret key right?')
  }
  const chunks = { time: claim.time, scope: claim.scope, key, seed: claim.signature }
  return { credential, payloadHash: claim.payloadHash, chunks }
}

/**
 * The holder of a presigned address could otherwise add what its maker never meant: an ACL, or the
 * source of a copy.
 *
 * @throws Problem `headers_not_signed`
 */
function checkSigned(signed: readonly string[], headers: IncomingS3Request['headers']): void {
  const unsigned = ['host', ...Object.keys(headers).filter(isMeaningful)].filter(
    (name) => !signed.includes(name),
  )
  if (unsigned.length === 0) return
  throw s3Problem(
    'headers_not_signed',
    'There were headers present in the request which were not signed',
    { details: { HeadersNotSigned: unsigned.join(', ').slice(0, 200) } },
  )
}

/** Date and digest are part of every signature anyway; a user agent means nothing. */
const isMeaningful = (name: string): boolean =>
  name.startsWith('x-amz-') &&
  !['x-amz-date', 'x-amz-content-sha256', 'x-amz-user-agent'].includes(name)

/** What a request says of itself before anything is checked. */
type Claim = Readonly<{
  accessKeyId: string
  scope: Scope
  time: string
  signedHeaders: string[]
  signature: string
  payloadHash: string
  /** Life of a presigned address, in seconds. */
  expiresS: number | undefined
}>

function claimOf(request: IncomingS3Request): Claim {
  const header = request.headers['authorization']
  const query = new URLSearchParams(request.query)
  const isPresigned = query.has('X-Amz-Signature')
  if (header !== undefined && isPresigned) {
    throw s3Problem('invalid_argument', 'Only one auth mechanism allowed')
  }
  if (header?.startsWith('AWS ') || query.has('AWSAccessKeyId')) throw versionTwo()
  if (header !== undefined) return headerClaim(header, request.headers)
  if (isPresigned) return queryClaim(query, request.headers)
  throw s3Problem('access_denied', 'This needs a signed request.')
}

/** Old clients, and today's Python SDK when it presigns, use another signature by default. */
export const versionTwo = () =>
  s3Problem(
    'invalid_request',
    'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256: in boto3 Config(signature_version="s3v4") or region_name="eu-central-1", in s3cmd signature_v2 = False.',
  )

function headerClaim(header: string, headers: IncomingS3Request['headers']): Claim {
  const match =
    /^AWS4-HMAC-SHA256\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/.exec(
      header.trim(),
    )
  if (match === null) throw malformed('The Authorization header is not AWS4-HMAC-SHA256.')
  const [, credential = '', signedHeaders = '', signature = ''] = match
  return {
    ...parseCredential(credential),
    signedHeaders: signedHeaders.split(';'),
    signature,
    time: headers['x-amz-date'] ?? '',
    payloadHash: headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD',
    expiresS: undefined,
  }
}

function queryClaim(query: URLSearchParams, headers: IncomingS3Request['headers']): Claim {
  if (query.get('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256') {
    throw malformed('X-Amz-Algorithm must be AWS4-HMAC-SHA256.')
  }
  const expiresS = Number(query.get('X-Amz-Expires'))
  if (!Number.isInteger(expiresS) || expiresS < 1 || expiresS > PRESIGNED_S_MAX) {
    throw malformed('X-Amz-Expires must be from 1 second to 7 days.')
  }
  return {
    ...parseCredential(query.get('X-Amz-Credential') ?? ''),
    signedHeaders: (query.get('X-Amz-SignedHeaders') ?? '').split(';'),
    signature: query.get('X-Amz-Signature') ?? '',
    time: query.get('X-Amz-Date') ?? '',
    payloadHash:
      query.get('X-Amz-Content-Sha256') ?? headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD',
    expiresS,
  }
}

const PRESIGNED_S_MAX = 7 * 24 * 3600

/** Reads `<key id>/<date>/<region>/s3/aws4_request`. */
export function parseCredential(text: string): { accessKeyId: string; scope: Scope } {
  const [accessKeyId = '', date = '', region = '', service = '', end] = text.split('/')
  if (end !== 'aws4_request' || service !== 's3' || !/^\d{8}$/.test(date)) {
    throw malformed('The credential is not <key id>/<date>/<region>/s3/aws4_request.')
  }
  return { accessKeyId, scope: { date, region, service } }
}

const malformed = (message: string) => s3Problem('authorization_malformed', message)

function checkTime({ time, scope, expiresS }: Claim, now: Date): void {
  const at = parseTime(time)
  if (at === undefined || !time.startsWith(scope.date)) {
    throw malformed('The date of the request is missing, or not that of its credential.')
  }
  const ageS = (now.getTime() - at) / 1000
  if (expiresS !== undefined && ageS > expiresS) throw s3Problem('expired', 'Request has expired')
  if (ageS < -SKEW_S_MAX || (expiresS === undefined && ageS > SKEW_S_MAX)) {
    throw s3Problem('time_skewed', 'The clock of the client is more than 15 minutes off.')
  }
}

/** As at Amazon. */
const SKEW_S_MAX = 15 * 60

/** `20261121T054700Z` → milliseconds. */
function parseTime(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 1, ...rest] = match.slice(1).map(Number)
  return Date.UTC(year, month - 1, ...rest)
}
