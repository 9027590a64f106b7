import { randomBytes } from 'node:crypto'
import type { Part, Upload } from './catalogue/index.ts'
import { checkWrite } from './conditions.ts'
import { askedParts, chooseParts, completedObject, uploadChecksum } from './completion.ts'
import { isPublicAcl, keptHeaders } from './object-headers.ts'
import { copyResult, copySource } from './objects.ts'
import { s3Problem } from './problems.ts'
import { copyRange } from './range.ts'
import { textBody, type Operation, type S3Request, type Storage } from './request.ts'
import { bucketNamed, checkQuota, PIECE_BYTES_MAX, writePiece } from './writes.ts'
import { checksumType, xmlChecksums } from './checksum-answers.ts'

export const createUpload: Operation = async ({ bucket, key, headers }, { catalogue, clock }) => {
  bucketNamed(bucket, catalogue)
  const upload: Upload = {
    id: randomBytes(24).toString('base64url'),
    key,
    startedAt: clock(),
    headers: keptHeaders(headers),
    isPublic: isPublicAcl(headers),
    checksum: uploadChecksum(headers),
  }
  await catalogue.transaction(() => catalogue.uploads.add(bucket, upload))
  return {
    status: 200,
    headers: {
      ...(upload.checksum && {
        'x-amz-checksum-algorithm': upload.checksum.name.toUpperCase(),
        'x-amz-checksum-type': upload.checksum.type,
      }),
    },
    xml: ['InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId: upload.id }],
  }
}

export const uploadPart: Operation = async (request, storage) => {
  const { checksum } = uploadOf(request, storage)
  const number = partNumber(request)
  const payload = request.payload(PIECE_BYTES_MAX, checksum && [checksum.name])
  const { segment, facts } = await writePiece(request.bucket, payload, storage)
  const { md5, checksums, size } = facts
  const { file } = segment
  await keepPart(
    request,
    { number, etag: md5, size, file, checksums, modifiedAt: storage.clock() },
    storage,
  )
  return { status: 200, headers: { etag: `"${md5}"`, ...checksums } }
}

export const copyPart: Operation = async (request, storage) => {
  const upload = uploadOf(request, storage)
  const number = partNumber(request)
  const source = copySource(request, storage)
  const { start, end } = copyRange(request.headers['x-amz-copy-source-range'], source.size)
  checkQuota(request.bucket, end - start, storage)
  const held = storage.files.hold(source.segments)
  const names = ['md5' as const, ...(upload.checksum ? [upload.checksum.name] : [])]
  const digests = storage.openDigests(names, end - start)
  const { file, size, values } = await storage.files
    .write(held.read({ start, end }), digests.take)
    .then(async (segment) => ({ ...segment, values: await digests.values() }))
    .finally(() => (held.close(), digests.close()))
  const { md5 = '', ...sums } = values
  const checksums = Object.fromEntries(
    Object.entries(sums).map(([name, value]) => [`x-amz-checksum-${name}`, value]),
  )
  const etag = Buffer.from(md5, 'base64').toString('hex')
  const part = { number, etag, size, file, checksums, modifiedAt: storage.clock() }
  await keepPart(request, part, storage)
  return {
    status: 200,
    xml: ['CopyPartResult', { ...copyResult(part), ...xmlChecksums(checksums) }],
  }
}

/** The upload may have been aborted while the part was on its way. */
async function keepPart(request: S3Request, part: Part, storage: Storage): Promise<void> {
  const { catalogue, files } = storage
  try {
    const replaced = await catalogue.transaction(() => {
      const before = catalogue.uploads.setPart(uploadOf(request, storage).id, part)
      checkQuota(request.bucket, 0, storage)
      return before
    })
    await files.remove(replaced)
  } catch (error) {
    await files.remove([part.file])
    throw error
  }
}

/** The files of the parts become the object's: nothing is copied. */
export const completeUpload: Operation = async (request, storage) => {
  const { bucket, key, headers } = request
  const { catalogue, files, clock } = storage
  const asked = askedParts(await textBody(request))
  const uploadId = request.query.get('uploadId') ?? ''
  const { made, unneeded } = await catalogue.transaction(() => {
    // The answer to the first call may have been lost: the second one gets it again.
    const before = catalogue.uploads.finished(bucket, key, uploadId)
    if (before !== undefined) return { made: before, unneeded: [] }
    const upload = uploadOf(request, storage)
    const parts = chooseParts(asked, catalogue.uploads.parts(upload.id))
    const object = completedObject({ upload, parts, headers, modifiedAt: clock() })
    checkWrite(headers, catalogue.objects.find(bucket, key))
    const kept = new Set(parts.map(({ file }) => file))
    const unused = catalogue.uploads.remove(upload.id).filter((file) => !kept.has(file))
    const finished = { id: upload.id, etag: object.etag, checksums: object.checksums }
    catalogue.uploads.finish(bucket, key, finished, clock())
    return { made: finished, unneeded: [...unused, ...catalogue.objects.set(bucket, key, object)] }
  })
  await files.remove(unneeded)
  return {
    status: 200,
    xml: [
      'CompleteMultipartUploadResult',
      {
        Location: `http://${headers['host'] ?? ''}/${bucket}/${encodeURI(key)}`,
        Bucket: bucket,
        Key: key,
        ETag: `"${made.etag}"`,
        ...xmlChecksums(made.checksums),
        ChecksumType: checksumType(made.checksums),
      },
    ],
  }
}

export const abortUpload: Operation = async (request, storage) => {
  const upload = uploadOf(request, storage)
  const { catalogue, files } = storage
  await files.remove(await catalogue.transaction(() => catalogue.uploads.remove(upload.id)))
  return { status: 204 }
}

/** @throws Problem `upload_not_found` */
export function uploadOf(
  { bucket, key, query }: Pick<S3Request, 'bucket' | 'key' | 'query'>,
  { catalogue }: Pick<Storage, 'catalogue'>,
): Upload {
  const upload = catalogue.uploads.find(bucket, key, query.get('uploadId') ?? '')
  if (upload !== undefined) return upload
  throw s3Problem(
    'upload_not_found',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
  )
}

function partNumber({ query }: S3Request): number {
  const number = Number(query.get('partNumber'))
  if (Number.isInteger(number) && number >= 1 && number <= PARTS_MAX) return number
  throw s3Problem('invalid_argument', `Part number must be an integer between 1 and ${PARTS_MAX}`)
}

/** As at Amazon. */
const PARTS_MAX = 10_000
