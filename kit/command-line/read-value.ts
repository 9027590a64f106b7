import { statSync } from 'node:fs'
import type { ValueKind } from './declaration.ts'
import { misuse, suggest } from './misuse.ts'

export type Value = string | number

/**
 * Turns the text of an option or argument into its value.
 *
 * @param what names it in the message, e.g. `Option --port`
 * @throws Problem `misuse`
 */
export function readValue(what: string, kind: ValueKind, text: string): Value {
  switch (kind.type) {
    case 'string':
      return text
    case 'integer':
    case 'number':
      return readNumber(what, kind, text)
    case 'choice':
      if (kind.choices.includes(text)) return text
      throw misuse(
        `${what} takes ${oneOf(kind.choices)}, not '${text}'`,
        suggest(text, kind.choices),
      )
    case 'file':
      if (statSync(text, { throwIfNoEntry: false })?.isDirectory() === false) return text
      throw misuse(`${what} names a file that does not exist: ${text}`)
  }
}

function readNumber(
  what: string,
  { type, min, max }: Extract<ValueKind, { type: 'integer' | 'number' }>,
  text: string,
): number {
  const value = Number(text)
  const isWritten = (type === 'integer' ? /^-?\d+$/ : /^-?\d*\.?\d+(?:e[+-]?\d+)?$/i).test(text)
  if (isWritten && value >= min && value <= max) return value
  const noun = type === 'integer' ? 'a whole number' : 'a number'
  throw misuse(`${what} takes ${noun} ${rangeOf({ min, max })}, not '${text}'`)
}

/** `from 1 to 65535`, `of at least 0`. */
export const rangeOf = ({ min, max }: { min: number; max: number }): string =>
  max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`

/** `json, csv or parquet`. */
export const oneOf = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
