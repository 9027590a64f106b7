import { stringifyExactly } from '@hokku/kit/exact-json'

/** A missing value of pandas' nullable types; Python's None is `null`, its NaN is `NaN`. */
export const NA = Symbol('NA')

/**
 * One value of an object column. `null`, `NaN` and `NA` are three different things, as in Python:
 * an imputer that fills NaN leaves None alone.
 */
export type Cell = string | number | bigint | boolean | null | typeof NA | object

/** A key under which Python would find the cell in a dict: `True == 1 == 1.0`, `"1"` is another. */
export function keyOf(cell: Cell): Cell {
  if (typeof cell === 'boolean') return cell ? 1 : 0
  if (typeof cell === 'bigint') return Number.isSafeInteger(Number(cell)) ? Number(cell) : cell
  return cell === 0 ? 0 : cell
}

export const isNaNCell = (cell: Cell): boolean => typeof cell === 'number' && Number.isNaN(cell)

/** How a cell reads in a message: text in quotes, shortened. */
export function showCell(cell: Cell | undefined): string {
  if (cell === undefined) return 'nothing'
  if (cell === NA) return 'NA'
  if (typeof cell === 'bigint') return String(cell)
  const text = stringifyExactly(cell)
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}

const SHOWN_MAX = 80

/** A label as `stringifyExactly` wrote it into the database. */
export const parseCell = (text: string): Cell => JSON.parse(text) as Cell
