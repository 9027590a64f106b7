import type { PythonValue } from './python-json.ts'
import { Float, floatText } from './python-number.ts'

/** Python's `str(value)`: strings as they are, everything else as a literal. */
export const pythonText = (value: PythonValue): string =>
  typeof value === 'string' ? value : pythonLiteral(value)

/** Python's `repr(value)`. */
export function pythonLiteral(value: PythonValue): string {
  if (value === null) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'string') return stringLiteral(value)
  if (value instanceof Float) return floatText(value.value)
  if (Array.isArray(value)) return `[${value.map((item) => pythonLiteral(item)).join(', ')}]`
  if (!(value instanceof Map)) return String(value)
  const pairs = [...value].map(([key, item]) => `${stringLiteral(key)}: ${pythonLiteral(item)}`)
  return `{${pairs.join(', ')}}`
}

/** Single quotes, unless the text has a single and no double one. */
function stringLiteral(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replaceAll(SPECIAL, (character) => {
    if (character === '\\' || character === quote) return `\\${character}`
    if (character === "'" || character === '"' || character === ' ') return character
    return SHORT[character] ?? hexEscape(character.codePointAt(0) ?? 0)
  })
  return quote + escaped + quote
}

/** What Python does not call printable, and what a literal must escape. */
const SPECIAL = /[\\'"\p{C}\p{Z}]/gu

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function hexEscape(code: number): string {
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`
  if (code <= 0xff_ff) return `\\u${code.toString(16).padStart(4, '0')}`
  return `\\U${code.toString(16).padStart(8, '0')}`
}
