import type { Cell } from './cell.ts'
import { NA } from './cell.ts'

const FLOAT = /^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?$/i
const SPECIAL = /^([+-]?)(inf|infinity|nan)$/i
const INTEGER = /^[+-]?\d+(_\d+)*$/

/** Python's `float(text)`; undefined where it raises ValueError. */
export function floatOfText(text: string): number | undefined {
  const trimmed = trimPython(text)
  if (FLOAT.test(trimmed)) return Number(trimmed.replaceAll('_', ''))
  const special = SPECIAL.exec(trimmed)
  if (special === null) return undefined
  if (/nan/i.test(trimmed)) return Number.NaN
  return special[1] === '-' ? -Infinity : Infinity
}

/** Python's `int(text)`; undefined where it raises ValueError. */
export function integerOfText(text: string): bigint | undefined {
  const trimmed = trimPython(text)
  if (!INTEGER.test(trimmed)) return undefined
  const digits = trimmed.replaceAll('_', '').replace(/^\+/, '')
  return digits.startsWith('-') ? -BigInt(digits.slice(1)) : BigInt(digits)
}

/** What NumPy makes of an object cell that is cast to float; undefined where it raises. */
export function floatOfCell(cell: Cell): number | undefined {
  if (typeof cell === 'number') return cell
  if (typeof cell === 'string') return floatOfText(cell)
  if (cell === null) return Number.NaN
  if (typeof cell === 'boolean' || typeof cell === 'bigint') return Number(cell)
  return undefined
}

/** Python's `str(value)` for values that JSON can hold. */
export function textOfCell(cell: Cell): string {
  if (typeof cell === 'string') return cell
  if (typeof cell === 'boolean') return cell ? 'True' : 'False'
  if (cell === null) return 'None'
  if (cell === NA) return '<NA>'
  if (typeof cell === 'number') return textOfNumber(cell)
  if (typeof cell === 'bigint') return String(cell)
  if (Array.isArray(cell)) return `[${cell.map((item: Cell) => reprOf(item)).join(', ')}]`
  const pairs = Object.entries(cell).map(([key, item]) => `${reprOf(key)}: ${reprOf(item as Cell)}`)
  return `{${pairs.join(', ')}}`
}

const reprOf = (cell: Cell): string =>
  typeof cell === 'string' ? `'${cell.replaceAll("'", "\\'")}'` : textOfCell(cell)

/** JSON does not tell 3 from 3.0 once parsed; whole numbers count as integers. */
function textOfNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Number.isSafeInteger(value)) return String(value)
  const size = Math.abs(value)
  const text = size >= 1e16 || size < 1e-4 ? value.toExponential() : String(value)
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}

/** Python strips Unicode white space, JavaScript additionally the byte-order mark. */
const trimPython = (text: string): string => (text.startsWith('\ufeff') ? text : text.trim())
