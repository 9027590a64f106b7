import { s3Problem } from './problems.ts'

export type Headers = Readonly<Record<string, string | undefined>>

/** What conditions look at; `etag` without quotes. */
export type Present = Readonly<{ etag: string; modifiedAt: Date }>

/**
 * Whether an object is to be sent, by the rules of RFC 9110 §13.2.2: `If-Match` wins over
 * `If-Unmodified-Since`, `If-None-Match` over `If-Modified-Since`.
 *
 * @throws Problem `precondition_failed`
 */
export function checkRead(headers: Headers, present: Present, prefix = ''): 'send' | 'unchanged' {
  const header = (name: string): string | undefined => headers[`${prefix}${name}`]
  const [match, noneMatch] = [header('if-match'), header('if-none-match')]
  if (match !== undefined) {
    if (!lists(match, present.etag)) throw failed('If-Match')
  } else if (isAfter(present.modifiedAt, header('if-unmodified-since'))) {
    throw failed('If-Unmodified-Since')
  }
  if (noneMatch !== undefined) return lists(noneMatch, present.etag) ? 'unchanged' : 'send'
  const since = header('if-modified-since')
  const isOld = since !== undefined && !Number.isNaN(Date.parse(since))
  return isOld && !isAfter(present.modifiedAt, since) ? 'unchanged' : 'send'
}

/**
 * Conditional writes: `If-None-Match: *` makes a new object only, `If-Match` replaces a known one.
 *
 * @throws Problem `precondition_failed`, `key_not_found`, `not_implemented`
 */
export function checkWrite(headers: Headers, present: Present | undefined): void {
  const noneMatch = headers['if-none-match']
  if (noneMatch !== undefined) {
    if (noneMatch.trim() !== '*') {
      throw s3Problem('not_implemented', 'If-None-Match of a write must be *.')
    }
    if (present !== undefined) throw failed('If-None-Match')
  }
  const match = headers['if-match']
  if (match === undefined) return
  if (present === undefined) throw s3Problem('key_not_found', 'The specified key does not exist.')
  if (!lists(match, present.etag)) throw failed('If-Match')
}

/**
 * Conditional deletes: `If-Match` deletes what is known only.
 *
 * @param etag undefined for a delete without a condition
 * @throws Problem `precondition_failed`, `key_not_found`
 */
export function checkDelete(etag: string | undefined, present: Present | undefined): void {
  if (etag === undefined) return
  if (present === undefined) throw s3Problem('key_not_found', 'The specified key does not exist.')
  if (!lists(etag, present.etag)) throw failed('If-Match')
}

const failed = (condition: string) =>
  s3Problem(
    'precondition_failed',
    'At least one of the pre-conditions you specified did not hold',
    {
      details: { Condition: condition },
    },
  )

/** ETags of ours hold neither commas nor quotes. */
const lists = (header: string, etag: string): boolean =>
  header
    .split(',')
    .map((item) => item.trim().replace(/^W\//, '').replaceAll('"', ''))
    .some((item) => item === '*' || item === etag)

/** Whole seconds, which is all that HTTP dates have. */
function isAfter(at: Date, header: string | undefined): boolean {
  const limit = header === undefined ? Number.NaN : Date.parse(header)
  return Math.floor(at.getTime() / 1000) * 1000 > limit
}
