import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { problem } from '../store/index.ts'

/** What a `Range` header asks for, see platform-api.md §3.2. */
export type Range = Readonly<{
  field: string
  /** First value wanted; `after` excludes it. */
  from: string | undefined
  after: boolean
  descending: boolean
  max: number
}>

/**
 * Reads a `Range` header such as `version ..; max=15, order=desc` or `id ]abc..; max=200`.
 * Lenient about spaces, separators and an empty value, as clients are sloppy.
 *
 * @throws Problem `range_invalid` for a value that is none of this
 */
export function parseRange(header: string | undefined): Range {
  const [head = '', ...options] = (header ?? '').split(/[;,]/).map((part) => part.trim())
  const match = /^(?:([a-z_]+)\s*)?(\]?)([^.\s]*)(?:\.\..*)?$/i.exec(head)
  if (match === null) throw problem('range_invalid', `The range "${head}" is not valid.`)
  const settings = new Map(options.filter(Boolean).map((option) => splitOption(option)))
  const max = Number(settings.get('max') ?? RANGE_DEFAULT)
  if (!Number.isInteger(max) || max < 1) {
    throw problem('range_invalid', `max=${settings.get('max')} is not a page size from 1 to 1000.`)
  }
  const [, field = 'id', bracket, from] = match
  return {
    field,
    from: from === '' ? undefined : from,
    after: bracket === ']',
    descending: settings.get('order') === 'desc',
    max: Math.min(max, RANGE_MAX),
  }
}

const RANGE_DEFAULT = 200
const RANGE_MAX = 1000

function splitOption(option: string): [string, string] {
  const [key = '', value = ''] = option.split('=')
  return [key.trim(), value.trim()]
}

/** One page of `items`, and the value after which the next one starts. */
export function page<Item extends Record<string, unknown>>(
  items: readonly Item[],
  range: Range,
): { items: Item[]; next: string | undefined } {
  const valueOf = (item: Item): string | number => {
    const value = item[range.field]
    return typeof value === 'number' || typeof value === 'string' ? value : ''
  }
  const direction = range.descending ? -1 : 1
  const compare = (a: string | number, b: string | number): number =>
    direction * (typeof a === 'number' ? a - Number(b) : a < String(b) ? -1 : a > String(b) ? 1 : 0)
  const { from } = range
  const wanted = items
    .toSorted((a, b) => compare(valueOf(a), valueOf(b)))
    .filter((item) => {
      if (from === undefined) return true
      const order = compare(valueOf(item), from)
      return range.after ? order > 0 : order >= 0
    })
  const chosen = wanted.slice(0, range.max)
  const last = chosen.at(-1)
  const more = wanted.length > chosen.length && last !== undefined
  return { items: chosen, next: more ? String(valueOf(last)) : undefined }
}

/** Answers a list by the request's `Range`: 206 with `Next-Range` while more remains, else 200. */
export function sendList<Item extends Record<string, unknown>>(
  request: FastifyRequest,
  reply: FastifyReply,
  items: readonly Item[],
): FastifyReply {
  const range = parseRange(request.headers.range)
  const { items: chosen, next } = page(items, range)
  reply.header('accept-ranges', 'id, name, updated_at, version')
  const [first, last] = [chosen[0], chosen.at(-1)].map((item) => textOf(item?.[range.field]))
  if (first !== undefined) reply.header('content-range', `${range.field} ${first}..${last}`)
  if (next === undefined) return reply.send(chosen)
  const order = range.descending ? ', order=desc' : ''
  return reply
    .code(206)
    .header('next-range', `${range.field} ]${next}..; max=${range.max}${order}`)
    .send(chosen)
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'number' || typeof value === 'string' ? String(value) : undefined
