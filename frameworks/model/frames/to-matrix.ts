import {
  matrix,
  type Block,
  type Column,
  type Frame,
  type Matrix,
  type Objects,
  type Sparse,
} from './block.ts'
import { NA, showCell, type Cell } from './cell.ts'
import { isNumeric } from './column-dtype.ts'
import { floatOfCell } from './python-number.ts'
import { refusal } from './refusal.ts'

/** Which values an estimator accepts: only finite ones, NaN as well, or infinity too. */
export type Finite = 'finite' | 'nan' | 'any'

/**
 * The block as a dense matrix of doubles, the way scikit-learn's `check_array` makes one.
 *
 * @throws Problem `observation_invalid` for text that is not a number, and for NaN or infinity where
 * the estimator takes none
 */
export function toMatrix(block: Block, finite: Finite = 'finite'): Matrix {
  const dense = densify(block)
  if (finite !== 'any') refuseNonFinite(dense.data, finite)
  return dense
}

/** Refuses what `finite` rules out. */
export function refuseNonFinite(data: Float64Array, finite: Finite): void {
  // A sum is finite if all terms are, up to overflow: the common case costs one pass.
  let sum = 0
  for (let i = 0; i < data.length; i++) sum += data[i]!
  if (Number.isFinite(sum) || finite === 'any') return
  for (const value of data) {
    if (Number.isNaN(value) && finite === 'finite') throw refusal('Input contains NaN.')
    if (value === Infinity || value === -Infinity) throw refusal('Input contains infinity.')
  }
}

function densify(block: Block): Matrix {
  if (block.kind === 'dense') return block
  if (block.kind === 'frame') return frameToMatrix(block)
  if (block.kind === 'sparse') return sparseToMatrix(block)
  if (block.kind === 'objects') return objectsToMatrix(block)
  return matrix(block.rows, 1, numbersOf(block.column))
}

function frameToMatrix(frame: Frame): Matrix {
  const { rows, columns } = frame
  const width = columns.length
  const out = matrix(rows, width)
  for (let c = 0; c < width; c++) {
    const numbers = numbersOf(columns[c]!)
    for (let r = 0; r < rows; r++) out.data[r * width + c] = numbers[r]!
  }
  return out
}

/** A column's values as doubles. @throws Problem for words and for times */
export function numbersOf(column: Column): Float64Array {
  if (column.dtype.kind === 'datetime') {
    throw refusal(`Column ${column.name} holds times, which the model cannot compute with.`)
  }
  if (isNumeric(column.dtype)) return column.values as Float64Array
  return Float64Array.from(column.values as readonly Cell[], numberOfCell)
}

function objectsToMatrix(objects: Objects): Matrix {
  const { rows, columns, cells } = objects
  return matrix(rows, columns, Float64Array.from(cells, numberOfCell))
}

function numberOfCell(cell: Cell): number {
  const number = floatOfCell(cell)
  if (number !== undefined) return number
  if (cell === NA) throw refusal('A missing value (NA) cannot be converted to a number.')
  throw refusal(`Could not convert ${showCell(cell)} to a number.`)
}

function sparseToMatrix(sparse: Sparse): Matrix {
  const out = matrix(sparse.rows, sparse.columns)
  for (let r = 0; r < sparse.rows; r++) {
    for (let at = sparse.starts[r]!; at < sparse.starts[r + 1]!; at++) {
      out.data[r * sparse.columns + sparse.indices[at]!]! += sparse.values[at]!
    }
  }
  return out
}
