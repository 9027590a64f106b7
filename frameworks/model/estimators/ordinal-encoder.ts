import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { isNaNCell, keyOf, type Cell } from '../frames/cell.ts'
import { encoderCells, knownValues, readCategories, unknownCategory } from './categories.ts'
import type { Compiler } from './fitted.ts'
import { requireWidth } from './linear-algebra.ts'

/** Every category's place as a number; missing and unknown values have their own numbers. */
export const ordinalEncoder: Compiler = (estimator) => {
  const columns = readCategories(estimator)
  const isClosed = estimator.text('handle_unknown', 'error') === 'error'
  const unknown = isClosed ? Number.NaN : estimator.number('unknown_value')
  const missing = estimator.number('encoded_missing_value', Number.NaN)
  const codeOf = (cell: Cell, c: number): number => {
    const place = columns[c]!.places.get(keyOf(cell))
    if (place !== undefined) return isNaNCell(cell) ? missing : place
    if (isClosed) throw unknownCategory(cell, c)
    return unknown
  }
  const transform = (block: Block): Matrix => {
    requireWidth(block, columns.length, estimator.name)
    const out = matrix(block.rows, columns.length)
    for (let c = 0; c < columns.length; c++) {
      const cells = encoderCells(block, c)
      for (let r = 0; r < block.rows; r++) out.data[r * columns.length + c] = codeOf(cells[r]!, c)
    }
    return out
  }
  return { name: estimator.name, transform, knownValues: knownValues(columns, isClosed) }
}
