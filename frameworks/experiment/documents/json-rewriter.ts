import { problem } from '../problems.ts'
import { dumpFloat, dumpString, NESTING_MAX } from './python-json.ts'

/** A member of an object in rewritten text: where its key starts, where its value starts and ends. */
export type Placed = Readonly<{ key: string; at: number; start: number; end: number }>

/**
 * How Python would write a JSON text: `stored` as `json.dumps` does by default, `answer` as Flask
 * does, with sorted keys and no blanks.
 */
export type Form = 'stored' | 'answer'

/** The whole text rewritten, in ASCII; for an object also its members. */
export type Rewritten = Readonly<{ bytes: Buffer; members: readonly Placed[] }>

/**
 * Checks and rewrites JSON in one pass over its bytes, without a tree: documents may be of many
 * megabytes, and saving them is most of what a study's server does.
 *
 * @throws Problem `body_invalid` if it is not JSON, or nested too deeply
 */
export function rewriteJson(text: string, form: Form): Rewritten {
  const length = Buffer.byteLength(text)
  if (length > SCRATCH_BYTES) return new JsonRewriter(Buffer.from(text), form).rewrite()
  SCRATCH_FROM.write(text)
  return new JsonRewriter(SCRATCH_FROM.subarray(0, length), form, SCRATCH_TO).rewrite()
}

/** Most documents are written in and out of these; new memory for each would have to be cleared away. */
const SCRATCH_BYTES = 64 * 1024
const SCRATCH_FROM = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
const SCRATCH_TO = Buffer.allocUnsafeSlow(2 * SCRATCH_BYTES + 1)

class JsonRewriter {
  readonly #from: Buffer
  readonly #isAnswer: boolean
  #at = 0
  /** Has always room for twice the bytes that are still to come: each may be followed by a blank. */
  #to: Buffer
  #size = 0
  #depth = 0
  #members: Placed[] = []

  constructor(from: Buffer, form: Form, to = Buffer.allocUnsafeSlow(2 * from.length + 1)) {
    this.#from = from
    this.#isAnswer = form === 'answer'
    this.#to = to
  }

  rewrite(): Rewritten {
    this.#value()
    this.#skipBlanks()
    if (this.#at < this.#from.length) throw invalid()
    // The original ends its answers, not its documents, with a line break.
    if (this.#isAnswer) this.#to[this.#size++] = NEWLINE
    const bytes = Buffer.allocUnsafeSlow(this.#size)
    this.#to.copy(bytes, 0, 0, this.#size)
    return { bytes, members: this.#members }
  }

  #value(): void {
    this.#skipBlanks()
    switch (this.#from[this.#at]) {
      case QUOTE:
        return this.#string()
      case OPEN_BRACE:
        return this.#object()
      case OPEN_BRACKET:
        return this.#array()
      case 0x74: // t
        return this.#word(TRUE)
      case 0x66: // f
        return this.#word(FALSE)
      case 0x6e: // n
        return this.#word(NULL)
      default:
        return this.#number()
    }
  }

  #object(): void {
    if (this.#isEmpty(CLOSE_BRACE)) return
    const members: Placed[] = []
    // Where members stand matters only for the outermost object, unless they are to be sorted.
    const isNoted = this.#isAnswer || this.#depth === 1
    do {
      this.#skipBlanks()
      const at = this.#size
      this.#string()
      const keyEnd = this.#size
      this.#skipBlanks()
      if (this.#from[this.#at] !== COLON) throw invalid()
      this.#separator()
      const start = this.#size
      this.#value()
      if (isNoted) {
        members.push({ key: this.#to.toString('latin1', at, keyEnd), at, start, end: this.#size })
      }
    } while (this.#goesOn(CLOSE_BRACE))
    if (this.#isAnswer) this.#sort(members)
    if (this.#depth === 0) this.#members = members
  }

  /** Brings members that have just been written, and their closing bracket, into order. */
  #sort(members: readonly Placed[]): void {
    const sorted = members.toSorted((a, b) => compareKeys(a.key, b.key))
    if (sorted.every((member, i) => member === members[i])) return
    const first = members[0]?.at ?? 0
    const before = Buffer.from(this.#to.subarray(first, this.#size))
    let to = first
    for (const { at, end } of sorted) {
      to += before.copy(this.#to, to, at - first, end - first)
      this.#to[to++] = COMMA
    }
    this.#to[to - 1] = CLOSE_BRACE
  }

  #array(): void {
    if (this.#isEmpty(CLOSE_BRACKET)) return
    do this.#value()
    while (this.#goesOn(CLOSE_BRACKET))
  }

  /** Steps behind an opening bracket, and behind the closing one if that follows at once. */
  #isEmpty(close: number): boolean {
    this.#depth += 1
    if (this.#depth > NESTING_MAX) throw problem('body_invalid', 'The body is nested too deeply.')
    this.#take()
    this.#skipBlanks()
    if (this.#from[this.#at] !== close) return false
    this.#end()
    return true
  }

  #goesOn(close: number): boolean {
    this.#skipBlanks()
    const next = this.#from[this.#at]
    if (next === COMMA) {
      this.#separator()
      return true
    }
    if (next !== close) throw invalid()
    this.#end()
    return false
  }

  #end(): void {
    this.#take()
    this.#depth -= 1
  }

  #separator(): void {
    this.#take()
    if (!this.#isAnswer) this.#to[this.#size++] = BLANK
  }

  #take(): void {
    this.#to[this.#size++] = this.#from[this.#at++] ?? 0
  }

  #string(): void {
    const from = this.#from
    const to = this.#to
    const start = this.#at
    if (from[start] !== QUOTE) throw invalid()
    // Plain text, the usual case, is taken over as it is read.
    let size = this.#size
    to[size++] = QUOTE
    let at = start + 1
    let isPlain = true
    for (; from[at] !== QUOTE; at += 1) {
      const byte = from[at]
      if (byte === undefined) throw invalid()
      if (byte === BACKSLASH) at += 1
      if (byte === BACKSLASH || byte < BLANK || byte > LAST_PLAIN) isPlain = false
      to[size++] = byte
    }
    to[size++] = QUOTE
    this.#at = at + 1
    if (isPlain) this.#size = size
    else this.#write(rewriteString(from.toString('utf8', start, this.#at)))
  }

  #number(): void {
    const start = this.#at
    if (this.#from[this.#at] === MINUS) this.#at += 1
    const first = this.#at
    while (isDigit(this.#from[this.#at])) this.#at += 1
    const digits = this.#at - first
    if (digits === 0 || (digits > 1 && this.#from[first] === ZERO)) throw invalid()
    if (isFraction(this.#from[this.#at])) {
      while (isNumberPart(this.#from[this.#at])) this.#at += 1
      this.#write(rewriteFloat(this.#from.toString('latin1', start, this.#at)))
    } else {
      // Python has no integer -0.
      this.#copy(digits === 1 && this.#from[first] === ZERO ? first : start, this.#at)
    }
  }

  #word(word: Buffer): void {
    const end = this.#at + word.length
    if (this.#from.compare(word, 0, word.length, this.#at, end) !== 0) throw invalid()
    this.#copy(this.#at, end)
    this.#at = end
  }

  #copy(start: number, end: number): void {
    for (let at = start; at < end; at++) this.#to[this.#size++] = this.#from[at] ?? 0
  }

  /** What may be longer than the bytes that it stands for. */
  #write(ascii: string): void {
    const room = this.#size + ascii.length + 2 * (this.#from.length - this.#at) + 1
    if (room > this.#to.length) {
      const larger = Buffer.allocUnsafeSlow(2 * room)
      this.#to.copy(larger, 0, 0, this.#size)
      this.#to = larger
    }
    this.#size += this.#to.write(ascii, this.#size, 'latin1')
  }

  #skipBlanks(): void {
    for (;;) {
      const byte = this.#from[this.#at]
      if (byte !== BLANK && byte !== NEWLINE && byte !== 0x0d && byte !== 0x09) return
      this.#at += 1
    }
  }
}

const NEWLINE = 0x0a
const BLANK = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const ZERO = 0x30
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
/** `~`: Python escapes what comes after it. */
const LAST_PLAIN = 0x7e

const TRUE = Buffer.from('true')
const FALSE = Buffer.from('false')
const NULL = Buffer.from('null')

const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= ZERO && byte <= 0x39

/** `.`, `e` or `E`: the number is a float. */
const isFraction = (byte: number | undefined): boolean =>
  byte === 0x2e || byte === 0x65 || byte === 0x45

const isNumberPart = (byte: number | undefined): boolean =>
  isDigit(byte) || isFraction(byte) || byte === MINUS || byte === 0x2b

function rewriteFloat(token: string): string {
  if (!FLOAT.test(token)) throw invalid()
  const value = Number(token)
  // Python would store the word Infinity, which no browser can read back.
  if (!Number.isFinite(value)) throw problem('body_invalid', `The number ${token} is too large.`)
  return dumpFloat(value)
}

const FLOAT = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/

function rewriteString(token: string): string {
  let value: unknown
  try {
    value = JSON.parse(token)
  } catch (error) {
    throw invalid(error)
  }
  return dumpString(String(value))
}

const invalid = (cause?: unknown): Error =>
  problem('body_invalid', 'The body is not valid JSON.', { cause })

/** By code point, as Python sorts. Keys come with their quotes. */
function compareKeys(a: string, b: string): number {
  const [left, right] = [decoded(a), decoded(b)]
  for (let at = 0; at < left.length && at < right.length; at += 1) {
    const difference = rank(left.charCodeAt(at)) - rank(right.charCodeAt(at))
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

const decoded = (key: string): string =>
  key.includes('\\') ? String(JSON.parse(key)) : key.slice(1, -1)

/** Halves of characters beyond U+FFFF come after everything else. */
const rank = (unit: number): number =>
  unit >= 0xd8_00 && unit <= 0xdf_ff ? unit + 0x1_00_00 : unit
