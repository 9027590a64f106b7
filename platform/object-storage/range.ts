import { s3Problem } from './problems.ts'

/** Bytes from `start` up to `end`, the last one left out. */
export type ByteRange = Readonly<{ start: number; end: number }>

/**
 * Reads a Range header against an object's size. Several ranges, and what is not a range, mean the
 * whole object, as at Amazon.
 *
 * @returns undefined for the whole object
 * @throws Problem `invalid_range` for one that begins behind the end
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(header?.trim() ?? '')
  if (match === null) return undefined
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return undefined
  if (first === '') {
    const count = Math.min(Number(last), size)
    if (count === 0) throw unsatisfiable(size)
    return { start: size - count, end: size }
  }
  const start = Number(first)
  const end = last === '' ? size : Math.min(Number(last) + 1, size)
  if (last !== '' && Number(last) < start) return undefined
  if (start >= size) throw unsatisfiable(size)
  return { start, end }
}

/**
 * The bytes of a source that become a part. Unlike a read, a copy takes nothing but one whole range
 * within the source: a part of other bytes than meant would be a wrong object.
 *
 * @throws Problem `invalid_argument`, `invalid_range`
 */
export function copyRange(header: string | undefined, size: number): ByteRange {
  if (header === undefined) return { start: 0, end: size }
  const match = /^bytes=(\d{1,16})-(\d{1,16})$/.exec(header.trim())
  const [start, last] = [Number(match?.[1]), Number(match?.[2])]
  if (match === null || last < start) {
    throw s3Problem(
      'invalid_argument',
      'The x-amz-copy-source-range value must be of the form bytes=first-last',
    )
  }
  if (last >= size) throw unsatisfiable(size)
  return { start, end: last + 1 }
}

/**
 * The bytes of one part of an object that was uploaded in parts; one that was not has one part.
 *
 * @throws Problem `invalid_part_number`
 */
export function partRange(number: string, parts: readonly { size: number }[]): ByteRange {
  const index = Number(number) - 1
  const part = parts[index]
  if (part === undefined) {
    throw s3Problem('invalid_part_number', 'The requested partnumber is not satisfiable', {
      details: { ActualPartCount: parts.length },
    })
  }
  const start = parts.slice(0, index).reduce((sum, { size }) => sum + size, 0)
  return { start, end: start + part.size }
}

const unsatisfiable = (size: number) =>
  s3Problem('invalid_range', 'The requested range is not satisfiable', {
    details: { ActualObjectSize: size },
  })
