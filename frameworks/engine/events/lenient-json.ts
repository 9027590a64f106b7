import { problem } from '../problems.ts'
import type { JsonValue } from './event.ts'

/**
 * Reads JSON in which commas count as white space, so that missing, doubled and trailing commas are
 * accepted; colons and quotes stay mandatory. Documented examples of PredictionIO need this.
 *
 * Integers that a double cannot hold come back as `bigint`.
 *
 * @throws Problem `json_malformed` that names line and column
 */
export function parseLenientJson(text: string): JsonValue {
  // Nearly all input is strict JSON with ordinary numbers, and JSON.parse is ten times as fast.
  if (!MAY_HOLD_BIG_NUMBER.test(text)) {
    try {
      return JSON.parse(text) as JsonValue
    } catch {
      // Not strict: the lenient reader decides.
    }
  }
  return new LenientReader(text).read()
}

const MAY_HOLD_BIG_NUMBER = /\d{16}|[eE]\+?\d{3}/

/** Deepest nesting of arrays and objects; PostgreSQL and JSON.stringify recurse, too. */
export const NESTING_MAX = 200

class LenientReader {
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  read(): JsonValue {
    const value = this.#value()
    this.#skip()
    if (this.#at < this.#text.length) this.#fail('something follows the JSON value')
    return value
  }

  #value(): JsonValue {
    this.#skip()
    const character = this.#text[this.#at]
    if (character === '{') return this.#nested(() => this.#object())
    if (character === '[') return this.#nested(() => this.#array())
    if (character === '"') return this.#string()
    return this.#scalar()
  }

  #nested<Value>(read: () => Value): Value {
    this.#depth += 1
    if (this.#depth > NESTING_MAX) this.#fail(`nested deeper than ${NESTING_MAX} levels`)
    this.#at += 1
    const value = read()
    this.#depth -= 1
    return value
  }

  #object(): JsonValue {
    const entries: [string, JsonValue][] = []
    for (;;) {
      this.#skip()
      const character = this.#text[this.#at]
      if (character === '}') break
      if (character !== '"') this.#fail('expected a quoted field name or }')
      const key = this.#string()
      this.#skip(WHITE_SPACE)
      if (this.#text[this.#at] !== ':') this.#fail(`expected : after the field name "${key}"`)
      this.#at += 1
      entries.push([key, this.#value()])
    }
    this.#at += 1
    // fromEntries defines own properties, so that "__proto__" is a key like any other.
    return Object.fromEntries(entries)
  }

  #array(): JsonValue {
    const items: JsonValue[] = []
    for (;;) {
      this.#skip()
      if (this.#text[this.#at] === ']') break
      items.push(this.#value())
    }
    this.#at += 1
    return items
  }

  #string(): string {
    let end = this.#at
    do {
      end = this.#text.indexOf('"', end + 1)
      if (end < 0) this.#fail('this text has no closing quote')
    } while (isEscaped(this.#text, end))
    try {
      const value = JSON.parse(this.#text.slice(this.#at, end + 1)) as string
      this.#at = end + 1
      return value
    } catch {
      return this.#fail('this text has an invalid escape or a control character')
    }
  }

  #scalar(): JsonValue {
    SCALAR.lastIndex = this.#at
    const token = SCALAR.exec(this.#text)?.[0]
    if (token === undefined) {
      const found = this.#text[this.#at]
      this.#fail(found === undefined ? 'the text ends too early' : `unexpected ${found}`)
    }
    this.#at += token.length
    if (token === 'true' || token === 'false') return token === 'true'
    if (token === 'null') return null
    const number = Number(token)
    if (!Number.isFinite(number)) this.#fail(`the number ${token.slice(0, 40)} is too large`)
    return isRounded(token, number) ? BigInt(token) : number
  }

  #skip(ignored: RegExp = IGNORED): void {
    ignored.lastIndex = this.#at
    ignored.test(this.#text)
    this.#at = ignored.lastIndex
  }

  #fail(reason: string): never {
    const before = this.#text.slice(0, this.#at)
    const line = before.split('\n').length
    const column = this.#at - before.lastIndexOf('\n')
    throw problem('json_malformed', `Malformed JSON at line ${line}, column ${column}: ${reason}.`)
  }
}

const IGNORED = /[\s,]*/y
const WHITE_SPACE = /\s*/y
const SCALAR = /(?:true|false|null)\b|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y

const isRounded = (token: string, number: number): boolean =>
  /^-?\d+$/.test(token) && !Number.isSafeInteger(number) && String(number) !== token

/** Whether an odd number of backslashes stands before `at`. */
function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text[at - 1 - backslashes] === '\\') backslashes += 1
  return backslashes % 2 === 1
}
