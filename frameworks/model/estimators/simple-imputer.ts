import { matrix, type Block, type Matrix, type Objects } from '../frames/block.ts'
import { isNaNCell, keyOf, type Cell } from '../frames/cell.ts'
import { refusal } from '../frames/refusal.ts'
import { stack } from '../frames/stack.ts'
import { toMatrix } from '../frames/to-matrix.ts'
import { toObjects } from '../frames/to-objects.ts'
import { scalarOf } from '../numpy/array.ts'
import { labelText, isGlobal, isConstructed, type Pickled } from '../pickled.ts'
import { Attributes } from './attributes.ts'
import type { Compiler, Fitted } from './fitted.ts'
import { requireWidth } from './linear-algebra.ts'

/**
 * Fills what is missing with one value a column. Columns without any value at fit are dropped,
 * which shifts all later ones.
 */
export const simpleImputer: Compiler = (estimator) => {
  const fills = estimator.labels('statistics_')
  const strategy = estimator.text('strategy', 'mean')
  const keepsEmpty = estimator.flag('keep_empty_features', false) || strategy === 'constant'
  const kept = [...fills.keys()].filter((c) => keepsEmpty || !isNaNCell(fills[c]!))
  const imputer: Imputer = {
    name: estimator.name,
    fills,
    kept,
    missing: missingMark(estimator.get('missing_values')),
    indicated: indicatedColumns(estimator),
    isObject: isObjectImputer(estimator, fills, strategy),
  }
  return {
    name: estimator.name,
    transform: (block) => impute(block, imputer),
    ...(kept.length === fills.length && imputer.indicated.length === 0
      ? { keepsColumns: true }
      : {}),
  }
}

/** MissingIndicator alone: a 0/1 column for each column that had gaps at fit. */
export const missingIndicator: Compiler = (estimator): Fitted => {
  const columns = [...estimator.numbers('features_')]
  const missing = missingMark(estimator.get('missing_values'))
  const refusesNew =
    estimator.text('features', 'missing-only') === 'missing-only' &&
    estimator.flag('error_on_new', true)
  return {
    name: estimator.name,
    transform: (block) => {
      const objects = toObjects(block)
      if (refusesNew) refuseNewGaps(objects, columns, missing)
      return indicators(objects.rows, columns, (r, c) =>
        missing(objects.cells[r * objects.columns + c]!),
      )
    },
  }
}

function refuseNewGaps(
  { cells, columns: width }: Objects,
  known: readonly number[],
  missing: (cell: Cell) => boolean,
): void {
  const fresh = cells.findIndex((cell, at) => missing(cell) && !known.includes(at % width))
  if (fresh >= 0)
    throw refusal(
      `Column ${fresh % width} has a missing value, and had none when the model was fitted.`,
    )
}

type Imputer = Readonly<{
  name: string
  fills: readonly Cell[]
  kept: readonly number[]
  missing: (cell: Cell) => boolean
  /** Columns for which a 0/1 column is appended. */
  indicated: readonly number[]
  isObject: boolean
}>

function impute(block: Block, imputer: Imputer): Block {
  requireWidth(block, imputer.fills.length, imputer.name)
  const finite = imputer.missing(Number.NaN) ? 'nan' : 'finite'
  const filled = imputer.isObject
    ? imputeObjects(toObjects(block), imputer, finite === 'finite')
    : imputeNumbers(toMatrix(block, finite), imputer)
  if (imputer.indicated.length === 0) return filled
  const source = imputer.isObject ? toObjects(block) : toMatrix(block, finite)
  const cells = source.kind === 'dense' ? source.data : source.cells
  const marks = indicators(block.rows, imputer.indicated, (r, c) =>
    imputer.missing(cells[r * imputer.fills.length + c]!),
  )
  return stack([filled, marks], block.rows)
}

function imputeNumbers(x: Matrix, { fills, kept, missing }: Imputer): Matrix {
  const out = matrix(x.rows, kept.length)
  for (let r = 0, at = 0; r < x.rows; r++) {
    for (let k = 0; k < kept.length; k++, at++) {
      const value = x.data[r * x.columns + kept[k]!]!
      out.data[at] = missing(value) ? Number(fills[kept[k]!]) : value
    }
  }
  return out
}

function imputeObjects(
  x: Objects,
  { fills, kept, missing }: Imputer,
  refusesNaN: boolean,
): Objects {
  if (refusesNaN && x.cells.some(isNaNCell)) throw refusal('Input contains NaN.')
  const cells: Cell[] = []
  for (let r = 0; r < x.rows; r++) {
    for (const c of kept) {
      const cell = x.cells[r * x.columns + c]!
      cells.push(missing(cell) ? fills[c]! : cell)
    }
  }
  return { kind: 'objects', rows: x.rows, columns: kept.length, cells }
}

function indicators(
  rows: number,
  columns: readonly number[],
  isMissing: (row: number, column: number) => boolean,
): Matrix {
  const out = matrix(rows, columns.length)
  for (let r = 0; r < rows; r++) {
    columns.forEach((c, i) => (out.data[r * columns.length + i] = isMissing(r, c) ? 1 : 0))
  }
  return out
}

/** NaN marks missing by default; then None does not, as it is not NaN. Old files say `"NaN"`. */
function missingMark(value: Pickled | undefined): (cell: Cell) => boolean {
  const mark = value === undefined ? Number.NaN : scalarOf(value)
  if (mark === 'NaN' || (typeof mark === 'number' && Number.isNaN(mark))) return isNaNCell
  if (isGlobal(mark) || isConstructed(mark))
    return (cell) => typeof cell === 'symbol' || isNaNCell(cell)
  const wanted = keyOf(mark as Cell)
  return (cell) => keyOf(cell) === wanted
}

function indicatedColumns(estimator: Attributes): number[] {
  const indicator = estimator.get('indicator_')
  return isConstructed(indicator) ? [...new Attributes(indicator).numbers('features_')] : []
}

/** Text columns were fitted as objects; numbers as numbers. */
function isObjectImputer(estimator: Attributes, fills: readonly Cell[], strategy: string): boolean {
  if (strategy === 'mean' || strategy === 'median') return false
  const dtype = estimator.get('_fit_dtype')
  if (isConstructed(dtype)) return labelText(dtype.args[0]).startsWith('O')
  return fills.some((fill) => typeof fill !== 'number')
}
