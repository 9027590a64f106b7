import type { Cell } from './cell.ts'
import type { ColumnDtype } from './column-dtype.ts'

/** One column of a frame: doubles for numbers and flags, cells for the rest. */
export type Column = Readonly<{
  name: string
  dtype: ColumnDtype
  values: Float64Array | readonly Cell[]
}>

/** What flows between the steps of a pipeline: `rows` observations in one of five shapes. */
export type Block = Frame | Matrix | Sparse | Objects | Series

/** Named columns of different types, as the caller's observations come in. */
export type Frame = Readonly<{
  kind: 'frame'
  rows: number
  columns: readonly Column[]
  /** Names in order; the same array for all frames of a model, so that look-ups can be kept. */
  names: readonly string[]
}>

/** Dense numbers, row-major: `data` is rows × columns, element (r, c) at r · columns + c. */
export type Matrix = Readonly<{ kind: 'dense'; rows: number; columns: number; data: Float64Array }>

/**
 * A sparse matrix by compressed sparse rows (CSR): row r has the columns `indices[starts[r]]` up to
 * `indices[starts[r + 1] - 1]`, with the values at the same places. `starts` has rows + 1 elements.
 */
export type Sparse = Readonly<{
  kind: 'sparse'
  rows: number
  columns: number
  starts: Int32Array
  indices: Int32Array
  values: Float64Array
}>

/** Values of any kind, row-major, rows × columns: what NumPy calls an object array. */
export type Objects = Readonly<{
  kind: 'objects'
  rows: number
  columns: number
  cells: readonly Cell[]
}>

/** A single column without a second dimension: text on its way to a vectorizer. */
export type Series = Readonly<{ kind: 'series'; rows: number; column: Column }>

export const matrix = (rows: number, columns: number, data?: Float64Array): Matrix => ({
  kind: 'dense',
  rows,
  columns,
  data: data ?? new Float64Array(rows * columns),
})

/** How many columns a block has. */
export function widthOf(block: Block): number {
  if (block.kind === 'frame') return block.columns.length
  return block.kind === 'series' ? 1 : block.columns
}
