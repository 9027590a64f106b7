import nunjucks from 'nunjucks'
import { dumps, loads } from '../data/python-json.ts'
import { rewriteJson } from '../data/json-rewriter.ts'
import { escapeHtml, percentFormat, printed } from './python-values.ts'

const { SafeString } = nunjucks.runtime
const safe = (text: string): unknown => new SafeString(text)

const escaped = (value: unknown): unknown =>
  value instanceof SafeString ? value : safe(escapeHtml(printed(value)))

/** Filters that nunjucks lacks or has with other results than Jinja2. */
export const FILTERS: Readonly<Record<string, (...args: never[]) => unknown>> = {
  format: (pattern: string, ...values: unknown[]) => percentFormat(pattern, values),
  tojson: (value: unknown) => safe(jsonForHtml(value)),
  e: escaped,
  escape: escaped,
  safe: (value: unknown) => (value instanceof SafeString ? value : safe(printed(value))),
  count: (value: unknown[] | string | undefined) => value?.length ?? 0,
  map: (items: unknown[], options: { attribute?: string }) =>
    items.map((item) => attributeOf(item, options.attribute ?? '')),
  min: (items: unknown[]) => items.toSorted(compare)[0],
  max: (items: unknown[]) => items.toSorted(compare).at(-1),
  unique: (items: unknown[]) => [...new Set(items)],
  truncate: (text: string, length = 255, isHard = false, end = '...') =>
    truncated(printed(text), length, isHard, end),
  urlencode: (value: unknown) => encodeURIComponent(printed(value)).replaceAll('%2F', '/'),
}

/** JSON that may stand in a script, an attribute or text, as Flask's filter writes it. */
function jsonForHtml(value: unknown): string {
  const sorted = rewriteJson(JSON.stringify(value) ?? 'null', 'answer').bytes
  return dumps(loads(sorted.toString())).replaceAll(
    /[<>&']/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function attributeOf(item: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => {
    const isObject = typeof value === 'object' && value !== null
    return isObject && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
  }, item)
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return printed(a) < printed(b) ? -1 : 1
}

/** A little over the length is left alone, so that nothing is cut off for three dots. */
function truncated(text: string, length: number, isHard: boolean, end: string): string {
  if (text.length <= length + TRUNCATE_LEEWAY) return text
  const cut = text.slice(0, Math.max(0, length - end.length))
  return (isHard ? cut : cut.replace(/\s+\S*$/, '')) + end
}

const TRUNCATE_LEEWAY = 5
