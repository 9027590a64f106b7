import type { StoredObject } from './catalogue/index.ts'
import { checksumHeaders } from './checksum-answers.ts'
import { checkDelete, checkRead } from './conditions.ts'
import { answerHeaders, isPublicAcl, keptHeaders } from './object-headers.ts'
import { s3Problem } from './problems.ts'
import { parseRange, partRange, type ByteRange } from './range.ts'
import type { Operation, S3Request, Storage } from './request.ts'
import { parseCopySource } from './request-target.ts'
import { bucketNamed, checkQuota, commitObject, PIECE_BYTES_MAX, writePiece } from './writes.ts'

export const putObject: Operation = async (request, storage) => {
  const { bucket, key, headers } = request
  const isPublic = isPublicAcl(headers)
  const kept = keptHeaders(headers)
  const { segment, facts } = await writePiece(bucket, request.payload(PIECE_BYTES_MAX), storage)
  const { size, md5, checksums } = facts
  const modifiedAt = storage.clock()
  const segments = [segment]
  const object = { etag: md5, size, segments, headers: kept, checksums, isPublic, modifiedAt }
  await commitObject({ bucket, key, headers }, object, storage)
  return { status: 200, headers: { etag: `"${md5}"`, ...checksumHeaders(checksums) } }
}

/** GET and HEAD. */
export const getObject: Operation = (request, storage) => {
  const object = objectNamed(request, storage)
  const { headers } = request
  const answer = answerHeaders(object, request)
  if (checkRead(headers, object) === 'unchanged') return { status: 304, headers: answer }
  const range = rangeOf(request, object)
  const { start, end } = range ?? { start: 0, end: object.size }
  const held = storage.files.hold(request.method === 'HEAD' ? [] : object.segments)
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      ...answer,
      ...(range && { 'content-range': `bytes ${start}-${end - 1}/${object.size}` }),
      ...(request.query.has('partNumber') && {
        'x-amz-mp-parts-count': String(object.segments.length),
      }),
    },
    stream: { bytes: held.read({ start, end }), size: end - start, close: held.close },
  }
}

function rangeOf(request: S3Request, object: StoredObject): ByteRange | undefined {
  const { headers, query } = request
  const part = query.get('partNumber')
  if (part !== null) return partRange(part, object.segments)
  return parseRange(isRangeMeant(request, object) ? headers['range'] : undefined, object.size)
}

/** `If-Range`: the range only of the object that the client has begun with. */
function isRangeMeant({ headers }: S3Request, object: StoredObject): boolean {
  const condition = headers['if-range']
  if (condition === undefined) return true
  return condition === `"${object.etag}"` || condition === object.modifiedAt.toUTCString()
}

/** @throws Problem `bucket_not_found`, `key_not_found` */
export function objectNamed(
  { bucket, key }: Readonly<{ bucket: string; key: string }>,
  { catalogue }: Storage,
): StoredObject {
  bucketNamed(bucket, catalogue)
  const object = catalogue.objects.find(bucket, key)
  if (object !== undefined) return object
  throw s3Problem('key_not_found', 'The specified key does not exist.', { details: { Key: key } })
}

export const deleteObject: Operation = async ({ bucket, key, headers }, { catalogue, files }) => {
  bucketNamed(bucket, catalogue)
  const gone = await catalogue.transaction(() => {
    checkDelete(headers['if-match'], catalogue.objects.find(bucket, key))
    return catalogue.objects.remove(bucket, key)
  })
  await files.remove(gone)
  return { status: 204 }
}

/** Copies within the bucket; the bytes get a second name and are not read. */
export const copyObject: Operation = async (request, storage) => {
  const { bucket, key, headers } = request
  const source = copySource(request, storage)
  const replaces = headers['x-amz-metadata-directive']?.toUpperCase() === 'REPLACE'
  if (source.key === key && !replaces) {
    throw s3Problem(
      'invalid_request',
      'This copy request is illegal because it is trying to copy an object to itself without changing its metadata.',
    )
  }
  checkQuota(bucket, source.size, storage)
  const held = storage.files.hold(source.segments)
  const segments = await Promise.all(source.segments.map(storage.files.copy)).finally(held.close)
  const facts = {
    ...source,
    segments,
    headers: replaces ? keptHeaders(headers) : source.headers,
    isPublic: isPublicAcl(headers),
    modifiedAt: storage.clock(),
  }
  await commitObject({ bucket, key, headers }, facts, storage)
  return { status: 200, xml: ['CopyObjectResult', copyResult(facts)] }
}

export const copyResult = ({ etag, modifiedAt }: Pick<StoredObject, 'etag' | 'modifiedAt'>) => ({
  ETag: `"${etag}"`,
  LastModified: modifiedAt.toISOString(),
})

/** The object that `x-amz-copy-source` names, if its conditions hold. */
export function copySource({ bucket, headers }: S3Request, storage: Storage): StoredObject {
  const source = parseCopySource(headers['x-amz-copy-source'] ?? '')
  if (source.bucket !== bucket) throw s3Problem('access_denied', 'Access Denied')
  const object = objectNamed(source, storage)
  if (checkRead(headers, object, 'x-amz-copy-source-') === 'unchanged') {
    throw s3Problem('precondition_failed', 'The source has not changed.')
  }
  return object
}
