/** Values inside templates that print and answer as they would in Python. */

/** Text of a value in `{{ }}`: `None`, `True`, literals of lists and dictionaries. */
export function printed(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  return literal(value, 0)
}

function literal(value: unknown, depth: number): string {
  if (depth > DEPTH_MAX) return '…'
  if (value === null || value === undefined) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, depth + 1)).join(', ')}]`
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    const pairs = Object.entries(value).map(
      ([key, item]) => `${quoted(key)}: ${literal(item, depth + 1)}`,
    )
    return `{${pairs.join(', ')}}`
  }
  // Numbers, safe strings and dates know their text.
  return (value as { toString: () => string }).toString()
}

/** Templates get plain data; deeper than this it refers to itself. */
const DEPTH_MAX = 20

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  return (
    quote +
    text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll(quote, `\\${quote}`) +
    quote
  )
}

/** As Jinja2 does: five characters, quotes as numbers. */
export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character)

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
}

/** `"%s of %d" % (a, b)`: what the filter `format` needs. */
export function percentFormat(pattern: string, values: readonly unknown[]): string {
  let next = 0
  return pattern.replaceAll(
    /%(?:\((\w+)\))?([-0]?\d*)(?:\.(\d+))?([sdifrx%])/g,
    (whole, name: string | undefined, width: string, digits: string | undefined, kind: string) => {
      if (kind === '%') return '%'
      if (name === undefined && next >= values.length) return whole
      const value =
        name === undefined ? values[next++] : (values[0] as Record<string, unknown>)[name]
      return padded(formatted(value, kind, digits), width)
    },
  )
}

function formatted(value: unknown, kind: string, digits: string | undefined): string {
  if (kind === 'f') return Number(value).toFixed(Number(digits ?? '6'))
  if (kind === 'd' || kind === 'i') return String(Math.trunc(Number(value)))
  if (kind === 'x') return Math.trunc(Number(value)).toString(16)
  return kind === 'r' ? literal(value, 0) : printed(value)
}

function padded(text: string, width: string): string {
  if (width.startsWith('-')) return text.padEnd(Number(width.slice(1)))
  return text.padStart(Number(width || '0'), width.startsWith('0') ? '0' : ' ')
}

/** `value[start:stop:step]` of a list or a text. */
export function sliced(value: unknown, [start, stop, step]: readonly unknown[]): unknown {
  if (typeof value !== 'string' && !Array.isArray(value)) return undefined
  const by = typeof step === 'number' && step !== 0 ? step : 1
  const items = Array.from<unknown>(value)
  const at = (bound: unknown, otherwise: number): number => {
    if (typeof bound !== 'number') return otherwise
    const index = bound < 0 ? bound + items.length : bound
    return Math.max(by < 0 ? -1 : 0, Math.min(items.length - (by < 0 ? 1 : 0), index))
  }
  const end = at(stop, by < 0 ? -1 : items.length)
  const taken: unknown[] = []
  for (let i = at(start, by < 0 ? items.length - 1 : 0); by < 0 ? i > end : i < end; i += by) {
    taken.push(items[i])
  }
  return typeof value === 'string' ? taken.join('') : taken
}

/** Methods of Python strings that templates call. */
export const STRING_METHODS: Readonly<Record<string, (text: string, ...args: never[]) => unknown>> =
  {
    upper: (text) => text.toUpperCase(),
    lower: (text) => text.toLowerCase(),
    strip: (text) => text.trim(),
    lstrip: (text) => text.trimStart(),
    rstrip: (text) => text.trimEnd(),
    title: (text) => text.toLowerCase().replaceAll(/\p{L}+/gu, capitalized),
    capitalize: (text) => capitalized(text.toLowerCase()),
    startswith: (text, start: string) => text.startsWith(start),
    endswith: (text, end: string) => text.endsWith(end),
    replace: (text, old: string, replacement: string) => text.replaceAll(old, () => replacement),
    split: (text, separator?: string) =>
      separator === undefined ? text.split(/\s+/).filter(Boolean) : text.split(separator),
    join: (text, items: unknown[]) => items.map((item) => printed(item)).join(text),
    isdigit: (text) => /^\d+$/.test(text),
    format: (text, ...values: unknown[]) => braceFormat(text, values),
  }

const capitalized = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)

function braceFormat(pattern: string, values: readonly unknown[]): string {
  let next = 0
  return pattern.replaceAll(/\{\{|\}\}|\{(\d*)\}/g, (whole, index: string | undefined) => {
    if (index === undefined) return whole.slice(0, 1)
    return printed(values[index === '' ? next++ : Number(index)])
  })
}
