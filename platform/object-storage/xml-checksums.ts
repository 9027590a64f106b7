/** `x-amz-checksum-crc32` → `ChecksumCRC32`: checksums as elements of an answer. */
export const xmlChecksums = (checksums: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(checksums).map(([header, value]) => [
      `Checksum${header.replace('x-amz-checksum-', '').toUpperCase()}`,
      value,
    ]),
  )
