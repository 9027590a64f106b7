import { matrix, widthOf, type Block, type Frame, type Sparse } from './block.ts'
import type { Cell } from './cell.ts'
import { isNumeric } from './column-dtype.ts'
import { toMatrix } from './to-matrix.ts'
import { toObjects } from './to-objects.ts'

/** Puts blocks side by side: sparse if one is, objects if one holds other things than numbers. */
export function stack(blocks: readonly Block[], rows: number): Block {
  if (blocks.length === 1 && blocks[0]!.kind !== 'frame') return blocks[0]!
  if (blocks.some((block) => block.kind === 'sparse')) return stackSparse(blocks, rows)
  if (blocks.some(holdsObjects)) return stackObjects(blocks, rows)
  const width = blocks.reduce((sum, block) => sum + widthOf(block), 0)
  const out = matrix(rows, width)
  let offset = 0
  for (const block of blocks) {
    const { columns, data } = toMatrix(block, 'any')
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) out.data[r * width + offset + c] = data[r * columns + c]!
    }
    offset += columns
  }
  return out
}

const holdsObjects = (block: Block): boolean =>
  block.kind === 'objects' || (block.kind === 'frame' && !isPlain(block))

/** Columns whose types NumPy joins to numbers; nullable ones become objects when stacked. */
const isPlain = (frame: Frame): boolean =>
  frame.columns.every((column) => isNumeric(column.dtype) && !column.dtype.isNullable)

function stackObjects(blocks: readonly Block[], rows: number): Block {
  const parts = blocks.map((block) => toObjects(block))
  const cells: Cell[] = []
  for (let r = 0; r < rows; r++) {
    for (const part of parts) {
      for (let c = 0; c < part.columns; c++) cells.push(part.cells[r * part.columns + c]!)
    }
  }
  const columns = parts.reduce((sum, part) => sum + part.columns, 0)
  return { kind: 'objects', rows, columns, cells }
}

function stackSparse(blocks: readonly Block[], rows: number): Sparse {
  const parts = blocks.map((block) => toSparse(block))
  const total = parts.reduce((sum, part) => sum + part.values.length, 0)
  const starts = new Int32Array(rows + 1)
  const indices = new Int32Array(total)
  const values = new Float64Array(total)
  let at = 0
  for (let r = 0; r < rows; r++) {
    let offset = 0
    for (const part of parts) {
      for (let i = part.starts[r]!; i < part.starts[r + 1]!; i++, at++) {
        indices[at] = offset + part.indices[i]!
        values[at] = part.values[i]!
      }
      offset += part.columns
    }
    starts[r + 1] = at
  }
  const columns = parts.reduce((sum, part) => sum + part.columns, 0)
  return { kind: 'sparse', rows, columns, starts, indices, values }
}

/** The non-zero entries of a block; NaN counts as one. */
export function toSparse(block: Block): Sparse {
  if (block.kind === 'sparse') return block
  const { rows, columns, data } = toMatrix(block, 'any')
  const count = data.reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0)
  const starts = new Int32Array(rows + 1)
  const indices = new Int32Array(count)
  const values = new Float64Array(count)
  let at = 0
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const value = data[r * columns + c]!
      if (value === 0) continue
      indices[at] = c
      values[at++] = value
    }
    starts[r + 1] = at
  }
  return { kind: 'sparse', rows, columns, starts, indices, values }
}
