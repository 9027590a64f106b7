import { matrix, type Block, type Matrix, type Sparse } from '../frames/block.ts'
import { isNaNCell, keyOf } from '../frames/cell.ts'
import { refusal } from '../frames/refusal.ts'
import { isConstructed } from '../pickled.ts'
import { numberOf } from '../numpy/array.ts'
import { unsupported, type Attributes } from './attributes.ts'
import {
  encoderCells,
  knownValues,
  readCategories,
  unknownCategory,
  type ColumnCategories,
} from './categories.ts'
import type { Compiler } from './fitted.ts'
import { requireWidth } from './linear-algebra.ts'

/** A 0/1 column for every category, rare ones grouped, one of them dropped if asked for. */
export const oneHotEncoder: Compiler = (estimator) => {
  if (!estimator.has('categories_')) throw unsupported(estimator, 'of scikit-learn before 0.20')
  const categories = readCategories(estimator)
  const columns = readColumns(categories, droppedPlaces(estimator))
  const unknown = unknownRule(estimator)
  const width = columns.reduce((sum, column) => sum + column.width, 0)
  const allowsNaN = estimator.isAtLeast(0, 24)
  const hots = (block: Block): Int32Array => {
    if (!allowsNaN) refuseNaN(block, columns.length)
    return hotPlaces(block, columns, unknown, estimator.name)
  }
  return {
    name: estimator.name,
    transform: (block) =>
      width > DENSE_WIDTH_MAX
        ? sparseOf(hots(block), block.rows, width)
        : denseOf(hots(block), block.rows, width),
    knownValues: knownValues(categories, unknown === 'error'),
    sizes: { categories: width },
    isSparse: estimator.flag(estimator.has('sparse_output') ? 'sparse_output' : 'sparse', true),
  }
}

/** `warn` (since 1.6) was to group unknown values with rare ones, and does since 1.8. */
function unknownRule(estimator: Attributes): string {
  const rule = estimator.text('handle_unknown', 'error')
  if (rule !== 'warn') return rule
  return estimator.isAtLeast(1, 8) ? 'infrequent_if_exist' : 'ignore'
}

/** Up to this width dense rows are faster than lists of entries. */
const DENSE_WIDTH_MAX = 256

type HotColumn = ColumnCategories &
  Readonly<{ offset: number; width: number; dropped: number | undefined }>

function readColumns(
  categories: readonly ColumnCategories[],
  dropped: readonly (number | undefined)[],
): HotColumn[] {
  let offset = 0
  return categories.map((column, i) => {
    const width = column.size - (dropped[i] === undefined ? 0 : 1)
    const hot = { ...column, offset, width, dropped: dropped[i] }
    offset += width
    return hot
  })
}

/** Output column of each input value; -1 where all are zero. Row by row, a place an input column. */
function hotPlaces(
  block: Block,
  columns: readonly HotColumn[],
  unknown: string,
  name: string,
): Int32Array {
  requireWidth(block, columns.length, name)
  const out = new Int32Array(block.rows * columns.length)
  columns.forEach((column, c) => {
    const cells = encoderCells(block, c)
    for (let r = 0; r < block.rows; r++) {
      const cell = cells[r]!
      let place = column.places.get(keyOf(cell))
      if (place === undefined) {
        if (unknown === 'error') throw unknownCategory(cell, c)
        place = unknown === 'infrequent_if_exist' ? column.infrequent : undefined
      }
      out[r * columns.length + c] = outputColumn(column, place)
    }
  })
  return out
}

function outputColumn({ offset, dropped }: HotColumn, place: number | undefined): number {
  if (place === undefined || place === dropped) return -1
  return offset + (dropped !== undefined && place > dropped ? place - 1 : place)
}

function denseOf(hots: Int32Array, rows: number, width: number): Matrix {
  const out = matrix(rows, width)
  const perRow = hots.length / rows
  for (let at = 0; at < hots.length; at++) {
    const hot = hots[at]!
    if (hot >= 0) out.data[Math.floor(at / perRow) * width + hot] = 1
  }
  return out
}

function sparseOf(hots: Int32Array, rows: number, width: number): Sparse {
  const indices = hots.filter((hot) => hot >= 0)
  const starts = new Int32Array(rows + 1)
  const perRow = hots.length / rows
  for (let at = 0; at < hots.length; at++) {
    if (hots[at]! >= 0) starts[Math.floor(at / perRow) + 1]! += 1
  }
  for (let r = 0; r < rows; r++) starts[r + 1]! += starts[r]!
  return {
    kind: 'sparse',
    rows,
    columns: width,
    starts,
    indices,
    values: new Float64Array(indices.length).fill(1),
  }
}

/** Before 0.24 an encoder took no missing values. */
function refuseNaN(block: Block, width: number): void {
  for (let c = 0; c < width; c++) {
    if (encoderCells(block, c).some(isNaNCell)) throw refusal('Input contains NaN.')
  }
}

/** Per column the place that is left out, after grouping; None for none. */
function droppedPlaces(estimator: Attributes): (number | undefined)[] {
  const grouped = estimator.get('_drop_idx_after_grouping', 'drop_idx_')
  if (grouped === undefined || grouped === null) return []
  const places =
    Array.isArray(grouped) || isConstructed(grouped)
      ? estimator.list('_drop_idx_after_grouping', 'drop_idx_')
      : []
  return places.map((place) => (place === null ? undefined : numberOf(place)))
}
