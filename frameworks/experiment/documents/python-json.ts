import { Float, floatText, readNumber } from './python-number.ts'

/** A JSON value as Python's `json.loads` reads it: order of keys and kinds of numbers are kept. */
export type PythonValue =
  | null
  | boolean
  | string
  | number
  | bigint
  | Float
  | PythonValue[]
  | Map<string, PythonValue>

/** Deepest nesting of arrays and objects; Python's own reader gives up near 1000. */
export const NESTING_MAX = 500

/**
 * Parses JSON without losing what JavaScript's own parser loses.
 *
 * @throws SyntaxError if it is not JSON or nested deeper than `NESTING_MAX`
 */
export function loads(text: string): PythonValue {
  return new Reader(text).document()
}

/** `json.dumps`: `, ` and `: ` between, everything outside ASCII escaped. */
export function dumps(value: PythonValue): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return dumpString(value)
  if (value instanceof Float) return dumpFloat(value.value)
  if (Array.isArray(value)) return `[${value.map(dumps).join(', ')}]`
  if (!(value instanceof Map)) return String(value)
  return `{${[...value].map(([key, item]) => `${dumpString(key)}: ${dumps(item)}`).join(', ')}}`
}

/** A string in JSON with ASCII characters only. */
export const dumpString = (text: string): string =>
  JSON.stringify(text).replaceAll(
    /[\u007F-\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** A float in JSON; Python writes the three that JSON does not know as words. */
export function dumpFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  return floatText(value)
}

class Reader {
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): PythonValue {
    const value = this.#value()
    this.#skipBlanks()
    if (this.#at < this.#text.length) throw this.#unexpected()
    return value
  }

  #value(): PythonValue {
    this.#skipBlanks()
    const character = this.#text[this.#at]
    if (character === '"') return this.#string()
    if (character === '{') return this.#nested(() => this.#object())
    if (character === '[') return this.#nested(() => this.#array())
    return this.#word()
  }

  #nested<Value>(read: () => Value): Value {
    this.#depth += 1
    if (this.#depth > NESTING_MAX) throw new SyntaxError('JSON is nested too deeply')
    const value = read()
    this.#depth -= 1
    return value
  }

  #object(): Map<string, PythonValue> {
    const entries = new Map<string, PythonValue>()
    this.#items('}', () => {
      this.#skipBlanks()
      const key = this.#string()
      this.#skipBlanks()
      if (this.#text[this.#at] !== ':') throw this.#unexpected()
      this.#at += 1
      entries.set(key, this.#value())
    })
    return entries
  }

  #array(): PythonValue[] {
    const items: PythonValue[] = []
    this.#items(']', () => items.push(this.#value()))
    return items
  }

  #items(close: string, readItem: () => void): void {
    this.#at += 1
    this.#skipBlanks()
    if (this.#text[this.#at] === close) {
      this.#at += 1
      return
    }
    for (;;) {
      readItem()
      this.#skipBlanks()
      const separator = this.#text[this.#at]
      if (separator !== ',' && separator !== close) throw this.#unexpected()
      this.#at += 1
      if (separator === close) return
    }
  }

  #string(): string {
    const end = stringEnd(this.#text, this.#at)
    if (end === undefined) throw this.#unexpected()
    const value: unknown = JSON.parse(this.#text.slice(this.#at, end))
    this.#at = end
    return String(value)
  }

  #word(): PythonValue {
    WORD.lastIndex = this.#at
    const token = WORD.exec(this.#text)?.[0]
    if (token === undefined) throw this.#unexpected()
    this.#at += token.length
    if (token === 'null') return null
    if (token === 'true' || token === 'false') return token === 'true'
    return readNumber(token)
  }

  #skipBlanks(): void {
    while (BLANKS.has(this.#text.charCodeAt(this.#at))) this.#at += 1
  }

  #unexpected(): SyntaxError {
    return new SyntaxError(`JSON is not valid at character ${this.#at}`)
  }
}

const WORD = /null|true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d])

/** Where the string that starts at `start` ends (behind its quote); undefined if nowhere. */
export function stringEnd(text: string, start: number): number | undefined {
  if (text[start] !== '"') return undefined
  for (let at = start + 1; ; at += 1) {
    const quote = text.indexOf('"', at)
    if (quote === -1) return undefined
    let backslashes = 0
    while (text[quote - 1 - backslashes] === '\\') backslashes += 1
    if (backslashes % 2 === 0) return quote + 1
    at = quote
  }
}
