import { problem } from '../problems.ts'
import { dumpFloat, dumpString, NESTING_MAX, stringEnd } from './python-json.ts'

/**
 * The text under which a participant's document is stored: what `json.dumps(json.loads(body))`
 * gives in Python. Works on tokens and keeps no tree, since documents may be of many megabytes.
 *
 * @throws Problem `body_invalid` if the body is not a JSON object, or nested too deeply
 */
export function canonicalDocument(body: string): string {
  const value = parse(body)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw problem('body_invalid', 'The body must be a JSON object.')
  }
  return rewrite(body)
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (error) {
    throw problem('body_invalid', 'The body is not valid JSON.', { cause: error })
  }
}

/** @param body text that is known to be JSON */
function rewrite(body: string): string {
  let out = ''
  let depth = 0
  let at = 0
  while (at < body.length) {
    const character = body[at] ?? ''
    if (character === '"') {
      const end = stringEnd(body, at) ?? body.length
      out += rewriteString(body.slice(at, end))
      at = end
    } else if (isNumberStart(character)) {
      const end = numberEnd(body, at)
      out += rewriteNumber(body.slice(at, end))
      at = end
    } else {
      if (character === '[' || character === '{') depth += 1
      if (character === ']' || character === '}') depth -= 1
      if (depth > NESTING_MAX) throw problem('body_invalid', 'The body is nested too deeply.')
      out += REWRITTEN[character] ?? character
      at += 1
    }
  }
  return out
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
