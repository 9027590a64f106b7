import { uploadOf } from './multipart.ts'
import { s3Problem } from './problems.ts'
import type { Operation } from './request.ts'
import { bucketNamed } from './writes.ts'
import { xmlChecksums } from './checksum-answers.ts'

export const listParts: Operation = (request, storage) => {
  const upload = uploadOf(request, storage)
  const after = countIn(request.query, 'part-number-marker', 0)
  const max = Math.min(PAGE_MAX, countIn(request.query, 'max-parts', PAGE_MAX))
  const all = storage.catalogue.uploads.parts(upload.id).filter(({ number }) => number > after)
  const parts = all.slice(0, max)
  return {
    status: 200,
    xml: [
      'ListPartsResult',
      {
        Bucket: request.bucket,
        Key: request.key,
        UploadId: upload.id,
        PartNumberMarker: after,
        NextPartNumberMarker: parts.at(-1)?.number,
        MaxParts: max,
        IsTruncated: parts.length < all.length,
        StorageClass: 'STANDARD',
        ChecksumAlgorithm: upload.checksum?.name.toUpperCase(),
        ChecksumType: upload.checksum?.type,
        Part: parts.map((part) => ({
          PartNumber: part.number,
          LastModified: part.modifiedAt.toISOString(),
          ETag: `"${part.etag}"`,
          Size: part.size,
          ...xmlChecksums(part.checksums),
        })),
      },
    ],
  }
}

export const listUploads: Operation = ({ bucket, query }, { catalogue }) => {
  bucketNamed(bucket, catalogue)
  const prefix = query.get('prefix') ?? ''
  const marker = { key: query.get('key-marker') ?? '', id: query.get('upload-id-marker') ?? '' }
  const max = Math.min(PAGE_MAX, countIn(query, 'max-uploads', PAGE_MAX))
  const all = catalogue.uploads
    .list(bucket)
    .filter((upload) => upload.key.startsWith(prefix) && isBehind(upload, marker))
  const uploads = all.slice(0, max)
  const isTruncated = uploads.length < all.length
  return {
    status: 200,
    xml: [
      'ListMultipartUploadsResult',
      {
        Bucket: bucket,
        KeyMarker: marker.key,
        UploadIdMarker: marker.id,
        NextKeyMarker: isTruncated ? uploads.at(-1)?.key : undefined,
        NextUploadIdMarker: isTruncated ? uploads.at(-1)?.id : undefined,
        Prefix: prefix,
        MaxUploads: max,
        IsTruncated: isTruncated,
        Upload: uploads.map((upload) => ({
          Key: upload.key,
          UploadId: upload.id,
          StorageClass: 'STANDARD',
          Initiated: upload.startedAt.toISOString(),
          ChecksumAlgorithm: upload.checksum?.name.toUpperCase(),
          ChecksumType: upload.checksum?.type,
        })),
      },
    ],
  }
}

/** In the order of the listing: by the bytes of the key, then by id. */
function isBehind(upload: Readonly<{ key: string; id: string }>, marker: typeof upload): boolean {
  if (marker.key === '') return true
  const order = Buffer.compare(Buffer.from(upload.key), Buffer.from(marker.key))
  return order > 0 || (order === 0 && marker.id !== '' && upload.id > marker.id)
}

/** @throws Problem `invalid_argument` */
function countIn(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name) ?? String(otherwise)
  if (!/^\d{1,9}$/.test(text)) throw s3Problem('invalid_argument', `${name} is not a number.`)
  return Number(text)
}

/** As at Amazon. */
const PAGE_MAX = 1000
