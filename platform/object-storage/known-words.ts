import { CHECKSUM_NAMES } from './checksum.ts'
import type { Headers } from './conditions.ts'
import { s3Problem } from './problems.ts'

/**
 * S3 grows, and each new word changes what a request means: one that we do not know is refused, or it
 * would overwrite or delete what its sender meant to keep.
 *
 * @param operation as in `routes.ts`, e.g. `PUT object`
 * @throws Problem `not_implemented` that names the word
 */
export function refuseUnknownWords(
  operation: string,
  { query, headers }: Readonly<{ query: URLSearchParams; headers: Headers }>,
): void {
  const known = QUERIES[operation] ?? []
  const name = [...query.keys()].find((one) => !isKnownQuery(one, known))
  if (name !== undefined) {
    throw s3Problem('not_implemented', `?${name.slice(0, 100)} is not supported by ${operation}.`)
  }
  const header = Object.keys(headers).find((one) => !isKnownHeader(one, operation))
  if (header === undefined) return
  throw s3Problem('not_implemented', `${header.slice(0, 100)} is not supported by ${operation}.`, {
    details: { Header: header.slice(0, 100) },
  })
}

/** Those of signatures, and the name that SDKs give their operation, go with everything. */
const isKnownQuery = (name: string, known: readonly string[]): boolean =>
  SIGNATURE.test(name) || name === 'x-id' || name === 'versionId' || known.includes(name)

const SIGNATURE =
  /^(x-amz-(algorithm|content-sha256|credential|date|expires|security-token|signature|signedheaders|user-agent|sdk-checksum-algorithm|checksum-(crc32|crc32c|crc64nvme|sha1|sha256|mode|algorithm|type)|acl|meta-.+))$/i

const LISTING = ['prefix', 'delimiter', 'encoding-type', 'max-keys'] as const
const RESPONSE = [
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
] as const

/** Besides the word that chooses the operation, which `routes.ts` has found. */
const QUERIES: Readonly<Record<string, readonly string[]>> = {
  'GET bucket': [
    ...LISTING,
    'list-type',
    'marker',
    'continuation-token',
    'start-after',
    'fetch-owner',
    // MinIO's clients ask for what they do not need.
    'metadata',
  ],
  'GET bucket versions': [...LISTING, 'versions', 'key-marker', 'version-id-marker'],
  'GET bucket uploads': [
    'uploads',
    'prefix',
    'delimiter',
    'encoding-type',
    'key-marker',
    'upload-id-marker',
    'max-uploads',
  ],
  'GET object': [...RESPONSE],
  'HEAD object': [...RESPONSE],
  'GET object partNumber': [...RESPONSE, 'partNumber'],
  'HEAD object partNumber': [...RESPONSE, 'partNumber'],
  'PUT object partNumber': ['partNumber', 'uploadId'],
  'PUT object partNumber copy': ['partNumber', 'uploadId'],
  'GET object uploadId': ['uploadId', 'max-parts', 'part-number-marker', 'encoding-type'],
}

function isKnownHeader(name: string, operation: string): boolean {
  if (!name.startsWith('x-amz-') || COMMON.has(name)) return true
  const [method = '', level = ''] = operation.split(' ')
  const isWrite = level === 'object' && (method === 'PUT' || method === 'POST')
  if (isWrite && (WRITES.has(name) || name.startsWith('x-amz-meta-'))) return true
  if (operation.endsWith(' copy') && COPIES.test(name)) return true
  return OWN[operation]?.includes(name) === true
}

/** What says nothing of the operation itself. */
const COMMON: ReadonlySet<string> = new Set([
  'x-amz-algorithm',
  'x-amz-content-sha256',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-decoded-content-length',
  'x-amz-expected-bucket-owner',
  'x-amz-request-payer',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-security-token',
  'x-amz-trailer',
  'x-amz-user-agent',
  'x-amz-checksum-mode',
  ...CHECKSUM_NAMES.map((name) => `x-amz-checksum-${name}`),
])

const WRITES: ReadonlySet<string> = new Set([
  'x-amz-acl',
  'x-amz-checksum-algorithm',
  'x-amz-checksum-type',
  'x-amz-server-side-encryption',
  'x-amz-storage-class',
])

const COPIES =
  /^x-amz-(copy-source(-range|-if-(match|none-match|modified-since|unmodified-since))?|metadata-directive|tagging-directive|source-expected-bucket-owner)$/

const OWN: Readonly<Record<string, readonly string[]>> = {
  'PUT bucket': ['x-amz-acl', 'x-amz-bucket-object-lock-enabled', 'x-amz-object-ownership'],
  'GET bucket': ['x-amz-optional-object-attributes'],
  'GET object attributes': ['x-amz-object-attributes'],
  'POST object uploadId': ['x-amz-mp-object-size'],
}

/**
 * The owner of a bucket is called as the bucket. A client that expects another one is protected from
 * writing to a bucket that has changed hands.
 *
 * @throws Problem `access_denied`
 */
export function checkExpectedOwner(bucket: string, headers: Headers): void {
  for (const name of ['x-amz-expected-bucket-owner', 'x-amz-source-expected-bucket-owner']) {
    const expected = headers[name]
    if (expected !== undefined && expected !== bucket) {
      throw s3Problem('access_denied', `Access Denied: the owner of this bucket is ${bucket}.`)
    }
  }
}
