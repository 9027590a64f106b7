import { createHash } from 'node:crypto'
import type { ObjectFacts, Part, Upload, UploadChecksum } from './catalogue/index.ts'
import { CHECKSUM_NAMES, createChecksum, isChecksumName, type ChecksumName } from './checksum.ts'
import type { Headers } from './conditions.ts'
import { combineCrcs, isCrc } from './crc-combination.ts'
import { s3Problem } from './problems.ts'
import { childrenOf, parseXml, textOf } from './xml.ts'

/** What it takes to make one object of the parts of a multipart upload. */

/** A part as the client lists it. */
export type AskedPart = Readonly<{
  number: number
  etag: string
  checksums: Readonly<Record<string, string>>
}>

/** @throws Problem `malformed_xml`, `invalid_part_order` */
export function askedParts(text: string): AskedPart[] {
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

/** @throws Problem `invalid_part`, `entity_too_small` */
export function chooseParts(asked: readonly AskedPart[], present: readonly Part[]): Part[] {
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
        { details: { PartNumber: number, MinSizeAllowed: PART_BYTES_MIN } },
      )
    }
    return part
  })
}

/** As at Amazon; the last part may be smaller. */
const PART_BYTES_MIN = 5 * 1024 * 1024

export type Completion = Readonly<{
  upload: Upload
  parts: readonly Part[]
  headers: Headers
  modifiedAt: Date
}>

/** @throws Problem `bad_digest`, `invalid_request` if it is not what the client says it is */
export function completedObject({ upload, parts, headers, modifiedAt }: Completion): ObjectFacts {
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  const said = headers['x-amz-mp-object-size']
  if (said !== undefined && Number(said) !== size) {
    throw s3Problem('invalid_request', `The parts have ${size} bytes together, not ${said}.`)
  }
  return {
    etag: `${digestOfDigests(parts)}-${parts.length}`,
    size,
    segments: parts.map((part) => ({ file: part.file, size: part.size })),
    headers: upload.headers,
    checksums: wholeChecksum(upload.checksum, parts, headers),
    isPublic: upload.isPublic,
    modifiedAt,
  }
}

function digestOfDigests(parts: readonly Part[]): string {
  const hash = createHash('md5')
  for (const { etag } of parts) hash.update(Buffer.from(etag, 'hex'))
  return hash.digest('hex')
}

/**
 * Which checksum the upload is to have. CRCs of parts can be joined to that of the whole, digests
 * cannot: of those the client gets the digest of the parts' digests.
 *
 * @throws Problem `invalid_request`
 */
export function uploadChecksum(headers: Headers): UploadChecksum | undefined {
  const name = headers['x-amz-checksum-algorithm']?.toLowerCase()
  if (name === undefined) return undefined
  if (!isChecksumName(name)) {
    throw s3Problem('invalid_request', `There is no checksum ${name.slice(0, 20)}.`)
  }
  const asked = headers['x-amz-checksum-type']?.toUpperCase()
  const type = asked ?? (name === 'crc64nvme' ? 'FULL_OBJECT' : 'COMPOSITE')
  const isPossible =
    (type === 'FULL_OBJECT' && isCrc(name)) || (type === 'COMPOSITE' && name !== 'crc64nvme')
  if (isPossible) return { name, type }
  throw s3Problem(
    'invalid_request',
    `The ${type.slice(0, 20)} checksum type cannot be used with ${name}.`,
  )
}

function wholeChecksum(
  checksum: UploadChecksum | undefined,
  parts: readonly Part[],
  headers: Headers,
): Record<string, string> {
  if (checksum === undefined) {
    const said = CHECKSUM_NAMES.find((name) => headers[`x-amz-checksum-${name}`] !== undefined)
    if (said === undefined) return {}
    throw s3Problem(
      'invalid_request',
      `The upload was begun without a checksum: ${said.toUpperCase()} cannot be compared.`,
    )
  }
  const header = `x-amz-checksum-${checksum.name}`
  const values = parts.map((part) => ({ value: part.checksums[header] ?? '', size: part.size }))
  const value =
    checksum.type === 'FULL_OBJECT' && isCrc(checksum.name)
      ? combineCrcs(checksum.name, values)
      : `${ofChecksums(checksum.name, values)}-${parts.length}`
  const said = headers[header]
  if (said !== undefined && said !== value) {
    throw s3Problem(
      'bad_digest',
      `The ${checksum.name.toUpperCase()} you specified did not match what we received.`,
    )
  }
  return { [header]: value }
}

function ofChecksums(name: ChecksumName, parts: readonly { value: string }[]): string {
  const checksum = createChecksum(name)
  for (const { value } of parts) checksum.update(Buffer.from(value, 'base64'))
  return checksum.digest()
}
