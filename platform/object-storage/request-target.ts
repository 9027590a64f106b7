import { s3Problem } from './problems.ts'

/** What a path-style address names; an empty key is the bucket itself, an empty bucket the server. */
export type Target = Readonly<{ bucket: string; key: string }>

/**
 * Reads `/bucket/key` as it stands on the wire. A key is text only, never a path here, so `..` and
 * the like need no care.
 *
 * @throws Problem `invalid_argument`, `key_too_long`
 */
export function parseTarget(path: string): Target {
  const slash = path.indexOf('/', 1)
  const bucket = decode(path.slice(1, slash < 0 ? undefined : slash))
  const key = slash < 0 ? '' : decode(path.slice(slash + 1))
  checkKey(key)
  return { bucket, key }
}

/** Reads `x-amz-copy-source`, in which clients encode the slash, or do not. */
export function parseCopySource(header: string): Target {
  const [name = '', version = 'null'] = header.split('?versionId=')
  if (version !== 'null') {
    throw s3Problem('no_such_version', 'The specified version does not exist.')
  }
  const text = decode(name).replace(/^\//, '')
  const slash = text.indexOf('/')
  if (slash < 0)
    throw s3Problem('invalid_argument', 'Copy Source must mention the source bucket and key')
  return { bucket: text.slice(0, slash), key: text.slice(slash + 1) }
}

/** @throws Problem `key_too_long`, `invalid_argument` */
export function checkKey(key: string): void {
  if (Buffer.byteLength(key) > KEY_BYTES_MAX) {
    throw s3Problem('key_too_long', 'Your key is too long', { details: { MaxSizeAllowed: 1024 } })
  }
  if (key.includes('\0') || !key.isWellFormed()) {
    throw s3Problem('invalid_argument', 'A key must be UTF-8 text without NUL.')
  }
}

/** As at Amazon. */
const KEY_BYTES_MAX = 1024

/** Bucket names are host names at Amazon, too. */
export const isBucketName = (name: string): boolean =>
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw s3Problem('invalid_argument', 'The address is not percent-encoded UTF-8.', { cause })
  }
}
