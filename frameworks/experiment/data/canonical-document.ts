import { problem } from '../problems.ts'
import { dumpFloat, dumpString, NESTING_MAX, stringEnd } from './python-json.ts'

/** Where a key of the document stands in its text: the key with quotes, its value from start to end. */
export type Member = Readonly<{ key: string; start: number; end: number }>

export type CanonicalDocument = Readonly<{ text: string; members: readonly Member[] }>

/**
 * The text under which a participant's document is stored: what `json.dumps(json.loads(body))`
 * gives in Python, and where its members stand. Works on tokens and keeps no tree, since documents
 * may be of many megabytes.
 *
 * @throws Problem `body_invalid` if the body is not a JSON object, or nested too deeply
 */
export function canonicalDocument(body: string): CanonicalDocument {
  const value = parse(body)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw problem('body_invalid', 'The body must be a JSON object.')
  }
  return new Rewriter(body).document()
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (error) {
    throw problem('body_invalid', 'The body is not valid JSON.', { cause: error })
  }
}

/** Goes through text that is known to be a JSON object, once. */
class Rewriter {
  readonly #body: string
  #text = ''
  #depth = 0
  #key = ''
  #start = 0
  readonly #members: Member[] = []

  constructor(body: string) {
    this.#body = body
  }

  document(): CanonicalDocument {
    for (let at = 0; at < this.#body.length;) at = this.#token(at)
    return { text: this.#text, members: this.#members }
  }

  /** @returns where the next token starts */
  #token(at: number): number {
    const character = this.#body[at] ?? ''
    if (character === '"') {
      const end = stringEnd(this.#body, at) ?? this.#body.length
      const token = rewriteString(this.#body.slice(at, end))
      if (this.#depth === 1 && this.#start === 0) this.#key = token
      this.#text += token
      return end
    }
    if (isNumberStart(character)) {
      const end = numberEnd(this.#body, at)
      this.#text += rewriteNumber(this.#body.slice(at, end))
      return end
    }
    this.#punctuation(character)
    return at + 1
  }

  #punctuation(character: string): void {
    if (this.#depth === 1 && (character === ',' || character === '}')) this.#endMember()
    if (character === '[' || character === '{') this.#depth += 1
    if (character === ']' || character === '}') this.#depth -= 1
    if (this.#depth > NESTING_MAX) throw problem('body_invalid', 'The body is nested too deeply.')
    this.#text += REWRITTEN[character] ?? character
    if (this.#depth === 1 && character === ':') this.#start = this.#text.length
  }

  #endMember(): void {
    if (this.#start === 0) return
    this.#members.push({ key: this.#key, start: this.#start, end: this.#text.length })
    this.#start = 0
  }
}

const REWRITTEN: Readonly<Record<string, string>> = {
  ',': ', ',
  ':': ': ',
  ' ': '',
  '\t': '',
  '\r': '',
  '\n': '',
}

/** Plain text, the usual case, is taken over as it is. */
function rewriteString(token: string): string {
  if (PLAIN.test(token)) return token
  const value: unknown = JSON.parse(token)
  return dumpString(String(value))
}

const PLAIN = /^[ !#-[\]-~"]*$/

const isNumberStart = (character: string): boolean =>
  character === '-' || (character >= '0' && character <= '9')

function numberEnd(text: string, start: number): number {
  let end = start + 1
  while ('0123456789.eE+-'.includes(text[end] ?? ' ')) end += 1
  return end
}

function rewriteNumber(token: string): string {
  if (/[.eE]/.test(token)) return dumpFloat(Number(token))
  return token === '-0' ? '0' : token
}
