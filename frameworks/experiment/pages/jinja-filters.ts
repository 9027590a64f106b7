import nunjucks from 'nunjucks'
import { dumps, loads } from '../documents/python-json.ts'
import { rewriteJson } from '../documents/json-rewriter.ts'
import { escapeHtml, percentFormat, printed } from './python-values.ts'

const { SafeString } = nunjucks.runtime
const safe = (text: string): unknown => new SafeString(text)

const escaped = (value: unknown): unknown =>
  value instanceof SafeString ? value : safe(escapeHtml(printed(value)))

/** Filters that nunjucks lacks or has with other results than Jinja2. */
export const FILTERS: Readonly<Record<string, (...args: never[]) => unknown>> = {
  format: (pattern: string, ...values: unknown[]) => percentFormat(pattern, values),
  tojson: (value: unknown) => safe(jsonForHtml(value)),
  string: (value: unknown) => (value instanceof SafeString ? value : printed(value)),
  int: (value: unknown, otherwise = 0) => {
    const number = Math.trunc(Number(value === '' ? Number.NaN : value))
    return Number.isNaN(number) ? otherwise : number
  },
  e: escaped,
  escape: escaped,
  safe: (value: unknown) => (value instanceof SafeString ? value : safe(printed(value))),
  count: (value: unknown[] | string | undefined) => value?.length ?? 0,
  map: mapped,
  selectattr: having(true),
  rejectattr: having(false),
  sum: summed,
  min: (items: unknown[], by?: By) => items.toSorted((a, b) => compare(of(a, by), of(b, by)))[0],
  max: (items: unknown[], by?: By) =>
    items.toSorted((a, b) => compare(of(a, by), of(b, by))).at(-1),
  unique: distinct,
  items: (value: object | undefined) => Object.entries(value ?? {}),
  filesizeformat: (bytes: unknown, isBinary: boolean | { binary?: boolean } = false) =>
    sizeText(Number(bytes), typeof isBinary === 'object' ? isBinary.binary === true : isBinary),
  xmlattr: (attributes: Record<string, unknown>) =>
    safe(
      Object.entries(attributes)
        .filter(([, value]) => value !== undefined && value !== null)
        .map(([name, value]) => ` ${escapeHtml(name)}="${escapeHtml(printed(value))}"`)
        .join(''),
    ),
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

/** Where a filter was called: it knows the other filters and tests. */
type Place = Readonly<{ env: nunjucks.Environment }>
type Call = (this: Place, ...args: unknown[]) => unknown

/** Arguments by name, as nunjucks hands them over. */
type By = Readonly<{ attribute?: string; default?: unknown; start?: number }>

const of = (item: unknown, by: By | undefined): unknown =>
  by?.attribute === undefined ? item : attributeOf(item, by.attribute)

/** `people|map(attribute='name')`, `words|map('upper')`. */
function mapped(this: Place, items: unknown[], by: By | string, ...args: unknown[]): unknown[] {
  if (typeof by !== 'string') {
    return items.map((item) => {
      const value = of(item, by)
      return value === undefined ? by.default : value
    })
  }
  const filter = this.env.getFilter(by) as Call
  return items.map((item) => filter.call(this, item, ...args))
}

/** `people|selectattr('age', 'ge', 18)`; without a test the attribute itself decides. */
function having(wanted: boolean) {
  return function (
    this: Place,
    items: unknown[],
    path: string,
    test = 'truthy',
    ...args: unknown[]
  ): unknown[] {
    const env = this.env as nunjucks.Environment & { getTest: (name: string) => Call }
    const passes = env.getTest(test)
    return items.filter((item) => passes.call(this, attributeOf(item, path), ...args) === wanted)
  }
}

/** `rounds|sum(attribute='bonus')`, also with a start. */
function summed(items: unknown[], by: By | string = {}, start = 0): number {
  const { attribute, start: first = start } = typeof by === 'string' ? { attribute: by } : by
  const values = items.map((item) => of(item, attribute === undefined ? {} : { attribute }))
  return values.reduce<number>((sum, value) => sum + Number(value), first)
}

function distinct(items: unknown[], by?: By): unknown[] {
  const seen = new Set<unknown>()
  return items.filter((item) => {
    const key = caseless(of(item, by))
    const isNew = !seen.has(key)
    seen.add(key)
    return isNew
  })
}

const caseless = (value: unknown): unknown =>
  typeof value === 'string' ? value.toLowerCase() : value

function sizeText(bytes: number, isBinary: boolean): string {
  if (bytes === 1) return '1 Byte'
  const base = isBinary ? 1024 : 1000
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`
  const prefixes = isBinary ? BINARY_PREFIXES : PREFIXES
  const power = Math.min(Math.floor(Math.log(bytes) / Math.log(base)), prefixes.length)
  return `${(bytes / base ** power).toFixed(1)} ${prefixes[power - 1]}B`
}

const PREFIXES = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y']
const BINARY_PREFIXES = PREFIXES.map((prefix) => `${prefix.toUpperCase()}i`)

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
