import type { StoredObject } from './catalogue/index.ts'

export type ListRequest = Readonly<{
  prefix: string
  delimiter: string
  /** Keys up to and including this one, or all below it if it is a common prefix, are left out. */
  after: string
  max: number
}>

export type ListPage = Readonly<{
  objects: readonly StoredObject[]
  commonPrefixes: readonly string[]
  /** What to pass as `after` for the next page; absent on the last. */
  next?: string
}>

/** Gives objects from a key on, in order. */
export type ReadObjects = (from: string, isAfter: boolean, count: number) => readonly StoredObject[]

/**
 * One page of a listing. Keys that share everything up to the delimiter count as one, and are
 * skipped in one step, so that a folder of a million objects costs one look.
 */
export function listPage(request: ListRequest, read: ReadObjects): ListPage {
  const { prefix, delimiter, after, max } = request
  const objects: StoredObject[] = []
  const commonPrefixes: string[] = []
  let last = ''
  let place = startOf(request)
  while (max > 0) {
    const batch = read(place.from, place.isAfter, BATCH)
    let skipTo: string | undefined
    for (const object of batch) {
      if (!object.key.startsWith(prefix)) return page()
      const common = commonPrefix(object.key, prefix, delimiter)
      if (objects.length + commonPrefixes.length === max) return { ...page(), next: last }
      if (common === undefined) objects.push(object)
      else commonPrefixes.push(common)
      last = common ?? object.key
      if (common !== undefined) {
        skipTo = behind(common)
        break
      }
    }
    if (skipTo !== undefined) place = { from: skipTo, isAfter: false }
    else if (batch.length < BATCH) return page()
    else place = { from: batch.at(-1)?.key ?? after, isAfter: true }
  }
  return page()

  function page(): ListPage {
    return { objects, commonPrefixes }
  }
}

const BATCH = 200

function startOf({ prefix, delimiter, after }: ListRequest): { from: string; isAfter: boolean } {
  // In the order of bytes, not of UTF-16 units.
  if (after === '' || Buffer.compare(Buffer.from(after), Buffer.from(prefix)) < 0) {
    return { from: prefix, isAfter: false }
  }
  const isCommon = delimiter !== '' && after.length > prefix.length && after.endsWith(delimiter)
  return isCommon ? { from: behind(after), isAfter: false } : { from: after, isAfter: true }
}

function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined
  const at = key.indexOf(delimiter, prefix.length)
  return at < 0 ? undefined : key.slice(0, at + delimiter.length)
}

/** Greater than every key that begins with `prefix`: no UTF-8 text sorts above U+10FFFF. */
const behind = (prefix: string): string => `${prefix}\u{10FFFF}`
