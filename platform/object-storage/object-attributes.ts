import { checksumType, xmlChecksums } from './checksum-answers.ts'
import { objectNamed } from './objects.ts'
import { s3Problem } from './problems.ts'
import type { Operation } from './request.ts'

/** Facts of an object without its bytes: those that `x-amz-object-attributes` names. */
export const getAttributes: Operation = (request, storage) => {
  const object = objectNamed(request, storage)
  const all = {
    ETag: object.etag,
    Checksum: { ...xmlChecksums(object.checksums), ChecksumType: checksumType(object.checksums) },
    ObjectParts: object.etag.includes('-') ? { PartsCount: object.segments.length } : undefined,
    StorageClass: 'STANDARD',
    ObjectSize: object.size,
  }
  const names = (request.headers['x-amz-object-attributes'] ?? '').split(',').map((n) => n.trim())
  const unknown = names.find((name) => !Object.hasOwn(all, name))
  if (unknown !== undefined) {
    throw s3Problem('invalid_argument', `There is no attribute "${unknown.slice(0, 40)}".`)
  }
  return {
    status: 200,
    headers: { 'last-modified': object.modifiedAt.toUTCString() },
    xml: [
      'GetObjectAttributesResponse',
      Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name))),
    ],
  }
}
