import { gunzipSync, inflateSync } from 'node:zlib'
import { problem } from '../problems.ts'

/**
 * The pickle stream inside a file that joblib may have compressed.
 *
 * @param bytesMax what the stream may grow to; a small file that unpacks to more is a bomb
 */
export function openContainer(bytes: Uint8Array, bytesMax: number): Uint8Array {
  const format = formatOf(bytes)
  if (format === 'none') return bytes
  if (format !== 'zlib' && format !== 'gzip') {
    throw problem(
      'pickle_invalid',
      `The file is compressed with ${format}, which is not supported.`,
      {
        hint: 'Save it with joblib.dump(model, path, compress=("zlib", 3)), or without compression.',
      },
    )
  }
  const most = unpackedMax(bytes.length, bytesMax)
  try {
    const inflate = format === 'zlib' ? inflateSync : gunzipSync
    return inflate(bytes, { maxOutputLength: most })
  } catch (error) {
    if (error instanceof RangeError) {
      throw problem('pickle_too_large', `The file unpacks to more than ${most} bytes.`, {
        hint: 'No model shrinks that much; if yours does, save it without compression.',
      })
    }
    throw problem('pickle_invalid', `The file's ${format} compression is damaged.`, {
      cause: error,
    })
  }
}

/** What `packed` bytes may unpack to: memory is taken before anyone knows what is inside. */
export const unpackedMax = (packed: number, bytesMax: number): number =>
  Math.min(bytesMax, Math.max(UNPACKED_FREE_BYTES, packed * UNPACKED_RATIO_MAX))

/** Forests, the best that compresses, shrink to a tenth; zlib can shrink zeros to a thousandth. */
const UNPACKED_RATIO_MAX = 100
const UNPACKED_FREE_BYTES = 64_000_000

/** By the first bytes, as joblib does it. */
export function formatOf(
  bytes: Uint8Array,
): 'none' | 'zlib' | 'gzip' | 'bz2' | 'xz' | 'lzma' | 'lz4' {
  const starts = (...prefix: number[]): boolean => prefix.every((byte, i) => bytes[i] === byte)
  if (starts(0x78) && isZlibHeader(bytes)) return 'zlib'
  if (starts(0x1f, 0x8b)) return 'gzip'
  if (starts(0x42, 0x5a, 0x68)) return 'bz2'
  if (starts(0xfd, 0x37, 0x7a, 0x58, 0x5a)) return 'xz'
  if (starts(0x5d, 0x00)) return 'lzma'
  if (starts(0x04, 0x22, 0x4d, 0x18)) return 'lz4'
  return 'none'
}

/** RFC 1950: the two header bytes are a multiple of 31. */
const isZlibHeader = (bytes: Uint8Array): boolean => ((bytes[0]! << 8) | (bytes[1] ?? 0)) % 31 === 0
