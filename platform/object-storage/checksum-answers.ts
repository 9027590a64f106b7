/** How checksums stand in answers. */
type Checksums = Readonly<Record<string, string>>

/** As elements: `x-amz-checksum-crc32` → `ChecksumCRC32`. */
export const xmlChecksums = (checksums: Checksums): Record<string, string> =>
  Object.fromEntries(
    Object.entries(checksums).map(([header, value]) => [
      `Checksum${header.replace('x-amz-checksum-', '').toUpperCase()}`,
      value,
    ]),
  )

/** A digest of digests ends on the number of parts. */
export function checksumType(checksums: Checksums): 'COMPOSITE' | 'FULL_OBJECT' | undefined {
  const values = Object.values(checksums)
  if (values.length === 0) return undefined
  return values.some((value) => value.includes('-')) ? 'COMPOSITE' : 'FULL_OBJECT'
}

export function checksumHeaders(checksums: Checksums): Record<string, string> {
  const type = checksumType(checksums)
  return { ...checksums, ...(type && { 'x-amz-checksum-type': type }) }
}
