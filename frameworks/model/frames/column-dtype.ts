import type { Cell } from './cell.ts'

/** The type of a column, as the training frame had it. */
export type ColumnDtype = Readonly<{
  /** As pandas prints it: `int64`, `Int64`, `category`, … */
  name: string
  kind: 'int' | 'uint' | 'float' | 'bool' | 'object' | 'category' | 'string' | 'datetime'
  /** Width of numbers; 64 where it means nothing. */
  bits: number
  /** pandas' own nullable types: missing is NA, casts are checked. */
  isNullable: boolean
  /** Of a category: what it may hold, in order. */
  categories: readonly Cell[] | undefined
  /** Of a text column: pandas 3 marks missing text with NaN, older versions with NA. */
  missingIsNaN: boolean
}>

export function columnDtype(
  name: string,
  kind: ColumnDtype['kind'],
  options: Partial<ColumnDtype> = {},
): ColumnDtype {
  return {
    name,
    kind,
    bits: 64,
    isNullable: false,
    categories: undefined,
    missingIsNaN: false,
    ...options,
  }
}

export const OBJECT = columnDtype('object', 'object')

/** Whether values of the type are kept as doubles; the others are cells. */
export const isNumeric = (dtype: ColumnDtype): boolean =>
  dtype.kind === 'int' ||
  dtype.kind === 'uint' ||
  dtype.kind === 'float' ||
  dtype.kind === 'bool' ||
  dtype.kind === 'datetime'
