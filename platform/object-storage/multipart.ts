import { createHash, randomBytes } from 'node:crypto'
import type { Part, Upload } from './catalogue.ts'
import { CHECKSUM_NAMES, createChecksum, type ChecksumName } from './checksum.ts'
import { isPublicAcl, keptHeaders } from './object-headers.ts'
import { copyResult, copySource } from './objects.ts'
import { s3Problem } from './problems.ts'
import { parseRange } from './range.ts'
import { textBody, type Operation, type S3Request, type Storage } from './request.ts'
import { checkQuota, bucketNamed, commitObject, PIECE_BYTES_MAX, writePiece } from './writes.ts'
import { childrenOf, parseXml, textOf } from './xml.ts'

export const createUpload: Operation = ({ bucket, key, headers }, { catalogue, clock }) => {
  bucketNamed(bucket, catalogue)
  const checksum = headers['x-amz-checksum-algorithm']?.toLowerCase() ?? null
  const upload: Upload = {
    id: randomBytes(24).toString('base64url'),
    key,
    startedAt: clock(),
    headers: keptHeaders(headers),
    isPublic: isPublicAcl(headers),
    checksum: CHECKSUM_NAMES.some((name) => name === checksum) ? checksum : null,
  }
  catalogue.transaction(() => catalogue.addUpload(bucket, upload))
  return {
    status: 200,
    headers: checksum === null ? {} : { 'x-amz-checksum-algorithm': checksum.toUpperCase() },
    xml: ['InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId: upload.id }],
  }
}

export const uploadPart: Operation = async (request, storage) => {
  uploadOf(request, storage)
  const number = partNumber(request)
  const payload = request.payload(PIECE_BYTES_MAX)
  const { segment, facts } = await writePiece(request.bucket, payload, storage)
  const { md5, checksums, size } = facts
  const part = { number, etag: md5, size, file: segment.file, checksums, modifiedAt: new Date() }
  await keepPart(request, part, storage)
  return { status: 200, headers: { etag: `"${md5}"`, ...checksums } }
}

export const copyPart: Operation = async (request, storage) => {
  const upload = uploadOf(request, storage)
  const number = partNumber(request)
  const source = copySource(request, storage)
  const range = parseRange(request.headers['x-amz-copy-source-range'], source.size)
  const { start, end } = range ?? { start: 0, end: source.size }
  checkQuota(request.bucket, end - start, storage)
  const md5 = createHash('md5')
  const checksum = isChecksumName(upload.checksum) ? createChecksum(upload.checksum) : undefined
  const held = storage.files.hold(source.segments)
  const { file, size } = await storage.files
    .write(
      watched(held.read({ start, end }), (chunk) => (md5.update(chunk), checksum?.update(chunk))),
    )
    .finally(held.close)
  const checksums: Record<string, string> =
    checksum === undefined ? {} : { [`x-amz-checksum-${upload.checksum}`]: checksum.digest() }
  const part = { number, etag: md5.digest('hex'), size, file, checksums, modifiedAt: new Date() }
  await keepPart(request, part, storage)
  return { status: 200, xml: ['CopyPartResult', copyResult(part.etag, part.modifiedAt)] }
}

async function* watched(
  source: AsyncIterable<Uint8Array>,
  see: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    see(chunk)
    yield chunk
  }
}

/** The upload may have been aborted while the part was on its way. */
async function keepPart(request: S3Request, part: Part, storage: Storage): Promise<void> {
  const { catalogue, files } = storage
  try {
    const replaced = catalogue.transaction(() => {
      const before = catalogue.setPart(uploadOf(request, storage).id, part)
      checkQuota(request.bucket, 0, storage)
      return before
    })
    await files.remove(replaced)
  } catch (error) {
    await files.remove([part.file])
    throw error
  }
}

export const completeUpload: Operation = async (request, storage) => {
  const { bucket, key, headers } = request
  const asked = askedParts(await textBody(request))
  const upload = uploadOf(request, storage)
  const parts = chooseParts(asked, storage.catalogue.parts(upload.id))
  const unused = storage.catalogue
    .parts(upload.id)
    .filter(({ number }) => !parts.some((part) => part.number === number))
  const etag = `${digestOfDigests(parts)}-${parts.length}`
  const checksums = await wholeChecksums(request, upload, parts, storage)
  const object = {
    etag,
    size: parts.reduce((sum, part) => sum + part.size, 0),
    segments: parts.map(({ file, size }) => ({ file, size })),
    headers: upload.headers,
    checksums,
    isPublic: upload.isPublic,
  }
  await completeOnce({ bucket, key, headers }, object, upload, unused, storage)
  return {
    status: 200,
    xml: [
      'CompleteMultipartUploadResult',
      {
        Location: `http://${headers['host'] ?? ''}/${bucket}/${encodeURI(key)}`,
        Bucket: bucket,
        Key: key,
        ETag: `"${etag}"`,
        ...xmlChecksums(checksums),
      },
    ],
  }
}

/** The files of the parts become the object's, so a failure must leave them to the upload. */
async function completeOnce(
  at: Parameters<typeof commitObject>[0],
  object: Parameters<typeof commitObject>[1],
  upload: Upload,
  unused: readonly Part[],
  storage: Storage,
): Promise<void> {
  const keeping = { ...storage, files: { ...storage.files, remove: async () => {} } }
  const before = storage.catalogue.object(at.bucket, at.key)
  await commitObject(at, object, keeping, () => {
    uploadOf({ ...at, query: new URLSearchParams({ uploadId: upload.id }) }, storage)
    storage.catalogue.removeUpload(upload.id)
    return []
  })
  const old = before?.segments.map(({ file }) => file) ?? []
  await storage.files.remove([...old, ...unused.map(({ file }) => file)])
}

export const abortUpload: Operation = async (request, storage) => {
  const upload = uploadOf(request, storage)
  const { catalogue, files } = storage
  await files.remove(catalogue.transaction(() => catalogue.removeUpload(upload.id)))
  return { status: 204 }
}

export const listParts: Operation = (request, storage) => {
  const upload = uploadOf(request, storage)
  const after = Number(request.query.get('part-number-marker') ?? 0)
  const max = Math.min(1000, Number(request.query.get('max-parts') ?? 1000))
  const all = storage.catalogue.parts(upload.id).filter(({ number }) => number > after)
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
  const uploads = catalogue.uploads(bucket).filter(({ key }) => key.startsWith(prefix))
  return {
    status: 200,
    xml: [
      'ListMultipartUploadsResult',
      {
        Bucket: bucket,
        Prefix: prefix,
        MaxUploads: 1000,
        IsTruncated: uploads.length > 1000,
        Upload: uploads.slice(0, 1000).map((upload) => ({
          Key: upload.key,
          UploadId: upload.id,
          StorageClass: 'STANDARD',
          Initiated: upload.startedAt.toISOString(),
        })),
      },
    ],
  }
}

/** @throws Problem `upload_not_found` */
function uploadOf(
  { bucket, key, query }: Pick<S3Request, 'bucket' | 'key' | 'query'>,
  { catalogue }: Storage,
): Upload {
  const upload = catalogue.upload(bucket, key, query.get('uploadId') ?? '')
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

type AskedPart = Readonly<{ number: number; etag: string; checksums: Record<string, string> }>

function askedParts(text: string): AskedPart[] {
  const parts = childrenOf(parseXml(text), 'Part').map((part) => ({
    number: Number(textOf(part, 'PartNumber')),
    etag: (textOf(part, 'ETag') ?? '').replaceAll('"', ''),
    checksums: Object.fromEntries(
      CHECKSUM_NAMES.flatMap((name) => {
        const value = textOf(part, `Checksum${name.toUpperCase()}`)
        return value === undefined ? [] : [[`x-amz-checksum-${name}`, value]]
      }),
    ),
  }))
  if (parts.length === 0) throw s3Problem('malformed_xml', 'An upload needs at least one part.')
  if (parts.some(({ number }, i) => i > 0 && number <= (parts[i - 1]?.number ?? 0))) {
    throw s3Problem('invalid_part_order', 'The list of parts was not in ascending order.')
  }
  return parts
}

function chooseParts(asked: readonly AskedPart[], present: readonly Part[]): Part[] {
  const byNumber = new Map(present.map((part) => [part.number, part]))
  return asked.map(({ number, etag, checksums }, i) => {
    const part = byNumber.get(number)
    const isRight =
      part !== undefined &&
      part.etag === etag &&
      Object.entries(checksums).every(([name, value]) => (part.checksums[name] ?? value) === value)
    if (!isRight) {
      throw s3Problem('invalid_part', 'One or more of the specified parts could not be found.', {
        details: { PartNumber: number },
      })
    }
    if (part.size < PART_BYTES_MIN && i < asked.length - 1) {
      throw s3Problem(
        'entity_too_small',
        'Your proposed upload is smaller than the minimum allowed',
        {
          details: { PartNumber: number, MinSizeAllowed: PART_BYTES_MIN },
        },
      )
    }
    return part
  })
}

/** As at Amazon; the last part may be smaller. */
const PART_BYTES_MIN = 5 * 1024 * 1024

function digestOfDigests(parts: readonly Part[]): string {
  const hash = createHash('md5')
  for (const { etag } of parts) hash.update(Buffer.from(etag, 'hex'))
  return hash.digest('hex')
}

/** Of all bytes where the client asks for that, else of the parts' checksums, written `…-<parts>`. */
async function wholeChecksums(
  { headers }: S3Request,
  { checksum: name }: Upload,
  parts: readonly Part[],
  { files }: Storage,
): Promise<Record<string, string>> {
  if (!isChecksumName(name)) return {}
  const header = `x-amz-checksum-${name}`
  const checksum = createChecksum(name)
  if (headers['x-amz-checksum-type']?.toUpperCase() === 'FULL_OBJECT') {
    const held = files.hold(parts)
    const size = parts.reduce((sum, part) => sum + part.size, 0)
    for await (const chunk of held.read({ start: 0, end: size })) checksum.update(chunk)
    held.close()
    const value = checksum.digest()
    if ((headers[header] ?? value) === value) return { [header]: value }
    throw s3Problem('bad_digest', `The ${name.toUpperCase()} you specified did not match.`)
  }
  const values = parts.map((part) => part.checksums[header])
  if (values.some((value) => value === undefined)) return {}
  for (const value of values) checksum.update(Buffer.from(value ?? '', 'base64'))
  return { [header]: `${checksum.digest()}-${parts.length}` }
}

const isChecksumName = (name: string | null): name is ChecksumName =>
  CHECKSUM_NAMES.some((candidate) => candidate === name)

const xmlChecksums = (checksums: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(checksums).map(([header, value]) => [
      `Checksum${header.replace('x-amz-checksum-', '').toUpperCase()}`,
      value,
    ]),
  )
