import type { StoredObject } from './catalogue/index.ts'
import { checksumHeaders } from './checksum-answers.ts'
import type { Headers } from './conditions.ts'
import { s3Problem } from './problems.ts'

/** The headers of a PUT that come back with every GET. */
export function keptHeaders(headers: Headers): Record<string, string> {
  const kept: Record<string, string> = { 'content-type': 'binary/octet-stream' }
  let userBytes = 0
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue
    if (name.startsWith('x-amz-meta-')) userBytes += name.length - 11 + Buffer.byteLength(value)
    else if (!KEPT.has(name)) continue
    kept[name] = value
  }
  if (userBytes > METADATA_BYTES_MAX) {
    throw s3Problem('metadata_too_large', 'Your metadata headers exceed the maximum allowed size')
  }
  return withoutChunkedCoding(kept)
}

const KEPT: ReadonlySet<string> = new Set([
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
])

/** As at Amazon. */
const METADATA_BYTES_MAX = 2048

/** `aws-chunked` was for the way here only. */
function withoutChunkedCoding(headers: Record<string, string>): Record<string, string> {
  const { 'content-encoding': coding, ...rest } = headers
  const codings = (coding ?? '').split(',').map((item) => item.trim())
  const kept = codings.filter((item) => item !== '' && item !== 'aws-chunked').join(',')
  return kept === '' ? rest : { ...rest, 'content-encoding': kept }
}

/** Headers of an answer to GET or HEAD; `response-…` in the query takes the place of kept ones. */
export function answerHeaders(
  object: StoredObject,
  request: Readonly<{ headers: Headers; query: URLSearchParams }>,
): Record<string, string> {
  const overrides = [...KEPT].flatMap((name) => {
    const value = request.query.get(`response-${name}`)
    // oxlint-disable-next-line no-control-regex
    return value === null || /[\u0000-\u001f\u007f]/.test(value) ? [] : [[name, value] as const]
  })
  const wantsChecksums = request.headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED'
  const isWhole = request.headers['range'] === undefined && !request.query.has('partNumber')
  return {
    ...object.headers,
    ...Object.fromEntries(overrides),
    ...(wantsChecksums && isWhole && checksumHeaders(object.checksums)),
    etag: `"${object.etag}"`,
    'last-modified': object.modifiedAt.toUTCString(),
    'accept-ranges': 'bytes',
    // What people upload must not run as a page of this address.
    'x-content-type-options': 'nosniff',
    'content-security-policy': 'sandbox',
  }
}

/** Whether an ACL header asks for an object that anyone may read. @throws Problem */
export function isPublicAcl(headers: Headers): boolean {
  const acl = headers['x-amz-acl'] ?? headers['acl'] ?? 'private'
  if (acl === 'public-read') return true
  if (['private', 'bucket-owner-full-control', 'bucket-owner-read'].includes(acl)) return false
  throw s3Problem('not_implemented', `The ACL ${acl.slice(0, 40)} is not supported.`, {
    hint: 'There are private and public-read.',
  })
}
