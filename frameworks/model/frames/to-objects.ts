import type { Block, Column, Objects } from './block.ts'
import { NA, type Cell } from './cell.ts'
import { toMatrix } from './to-matrix.ts'

/** The block as an object array: every value keeps its kind. */
export function toObjects(block: Block): Objects {
  if (block.kind === 'objects') return block
  if (block.kind !== 'frame') {
    const { rows, columns, data } = toMatrix(block, 'any')
    return { kind: 'objects', rows, columns, cells: Array.from(data) }
  }
  const { rows, columns } = block
  const cells = Array.from<Cell>({ length: rows * columns.length })
  columns.forEach((column, c) => {
    const values = cellsOf(column)
    for (let r = 0; r < rows; r++) cells[r * columns.length + c] = values[r]!
  })
  return { kind: 'objects', rows, columns: columns.length, cells }
}

/** A column's values as Python would hand them out: flags as booleans, missing numbers as NA. */
export function cellsOf(column: Column): readonly Cell[] {
  const { dtype, values } = column
  if (!(values instanceof Float64Array)) return values
  if (dtype.isNullable) {
    return Array.from(values, (v) => (Number.isNaN(v) ? NA : dtype.kind === 'bool' ? v !== 0 : v))
  }
  return dtype.kind === 'bool' ? Array.from(values, (v) => v !== 0) : Array.from(values)
}

/** Column `index` of any block as cells: what an encoder looks up. Nullable numbers become NaN. */
export function columnCells(block: Block, index: number): readonly Cell[] {
  if (block.kind === 'frame') return block.columns[index]!.values as readonly Cell[]
  if (block.kind === 'series') return block.column.values as readonly Cell[]
  const { rows, columns } = block
  if (block.kind === 'objects') {
    return Array.from({ length: rows }, (_, r) => block.cells[r * columns + index]!)
  }
  const { data } = toMatrix(block, 'any')
  return Array.from({ length: rows }, (_, r) => data[r * columns + index]!)
}
