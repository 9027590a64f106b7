import * as acl from './acl.ts'
import * as buckets from './buckets.ts'
import * as multipart from './multipart.ts'
import * as multipartListing from './multipart-listing.ts'
import { getAttributes } from './object-attributes.ts'
import * as objects from './objects.ts'
import { s3Problem } from './problems.ts'
import { checkExpectedOwner, refuseUnknownWords } from './known-words.ts'
import type { Operation, S3Request } from './request.ts'
import { UNSET } from './unset.ts'

/** Finds what a request asks for: S3 distinguishes its operations by method and query. */
export function operationOf(request: Omit<S3Request, 'payload'>): Operation {
  const { method, bucket, key, query, headers } = request
  refuseUnsupported(headers)
  checkVersion(query.get('versionId'))
  const level = bucket === '' ? 'server' : key === '' ? 'bucket' : 'object'
  const sub = SUBRESOURCES.find((name) => query.has(name)) ?? ''
  const isCopy = headers['x-amz-copy-source'] !== undefined
  const name = [method, level, sub, isCopy ? 'copy' : ''].filter((part) => part !== '').join(' ')
  const operation = OPERATIONS[name]
  if (operation !== undefined) {
    refuseUnknownWords(name, { query: withoutSub(query, sub), headers })
    checkExpectedOwner(bucket, headers)
    return operation
  }
  const isKnown = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'].includes(method)
  throw isKnown
    ? s3Problem('not_implemented', `${method}${sub && ` ?${sub}`} is not supported on a ${level}.`)
    : s3Problem('method_not_allowed', 'The specified method is not allowed against this resource.')
}

/** The word that has chosen the operation is known. */
function withoutSub(query: URLSearchParams, sub: string): URLSearchParams {
  const rest = new URLSearchParams(query)
  if (sub !== '') rest.delete(sub)
  return rest
}

/** What these ask for would not be done, and no one would notice. */
function refuseUnsupported(headers: S3Request['headers']): void {
  const encryption = headers['x-amz-server-side-encryption'] ?? 'AES256'
  const name =
    encryption === 'AES256'
      ? Object.keys(headers).find((header) => UNSUPPORTED.test(header))
      : 'x-amz-server-side-encryption'
  if (name === undefined) return
  throw s3Problem('not_implemented', `${name} is not supported.`, { details: { Header: name } })
}

const UNSUPPORTED =
  /^x-amz-(?:tagging|website-redirect-location|grant-.+|object-lock-.+|server-side-encryption-.+|copy-source-server-side-encryption-.+)$/

/** There is one version of everything, which has no name. */
function checkVersion(version: string | null): void {
  if (version === null || version === 'null') return
  throw s3Problem('no_such_version', 'The specified version does not exist.')
}

/** Those we know, whether supported or not: an unknown one must not fall through to a plain PUT. */
const SUBRESOURCES = [
  'accelerate',
  'acl',
  'attributes',
  'cors',
  'delete',
  'encryption',
  'legal-hold',
  'lifecycle',
  'location',
  'logging',
  'notification',
  'object-lock',
  'partNumber',
  'policy',
  'publicAccessBlock',
  'renameObject',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versioning',
  'versions',
  'website',
] as const

const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...UNSET,
  'GET server': buckets.listBuckets,
  'HEAD bucket': buckets.headBucket,
  'PUT bucket': buckets.createBucket,
  'GET bucket': buckets.listObjects,
  'GET bucket location': buckets.bucketLocation,
  'GET bucket versioning': buckets.bucketVersioning,
  'GET bucket acl': acl.getBucketAcl,
  'GET bucket versions': buckets.listVersions,
  'GET bucket cors': buckets.getCors,
  'PUT bucket cors': buckets.putCors,
  'DELETE bucket cors': buckets.deleteCors,
  'GET bucket uploads': multipartListing.listUploads,
  'POST bucket delete': buckets.deleteObjects,
  'GET object': objects.getObject,
  'HEAD object': objects.getObject,
  'PUT object': objects.putObject,
  'PUT object copy': objects.copyObject,
  'DELETE object': objects.deleteObject,
  'GET object partNumber': objects.getObject,
  'HEAD object partNumber': objects.getObject,
  'GET object attributes': getAttributes,
  'GET object acl': acl.getObjectAcl,
  'PUT object acl': acl.putObjectAcl,
  'POST object uploads': multipart.createUpload,
  'PUT object partNumber': multipart.uploadPart,
  'PUT object partNumber copy': multipart.copyPart,
  'GET object uploadId': multipartListing.listParts,
  'POST object uploadId': multipart.completeUpload,
  'DELETE object uploadId': multipart.abortUpload,
}
