import type { Block } from '../frames/block.ts'
import { keyOf, showCell, type Cell } from '../frames/cell.ts'
import { refusal } from '../frames/refusal.ts'
import { columnCells } from '../frames/to-objects.ts'
import { readLabels } from '../pandas/labels.ts'
import { numbersOfList, type Attributes } from './attributes.ts'
import type { KnownValues } from './fitted.ts'

/** The categories of one column: value → place, with rare ones possibly grouped. */
export type ColumnCategories = Readonly<{
  values: readonly Cell[]
  /** Place after grouping. */
  places: ReadonlyMap<Cell, number>
  /** How many places there are after grouping. */
  size: number
  /** The place of the group of rare categories. */
  infrequent: number | undefined
}>

/** What OneHotEncoder and OrdinalEncoder keep of each column. */
export function readCategories(estimator: Attributes): ColumnCategories[] {
  const groupings = estimator.flag('_infrequent_enabled', false)
    ? estimator.list('_default_to_infrequent_mappings')
    : []
  return estimator.list('categories_').map((categories, column) => {
    const values = readLabels(categories) as Cell[]
    const grouping = groupings[column]
    const places = grouping === undefined || grouping === null ? undefined : numbersOfList(grouping)
    return groupedCategories(values, places)
  })
}

function groupedCategories(values: Cell[], grouping: Float64Array | undefined): ColumnCategories {
  const places = new Map<Cell, number>(values.map((value, i) => [keyOf(value), grouping?.[i] ?? i]))
  const size = grouping === undefined ? values.length : Math.max(-1, ...grouping) + 1
  return { values, places, size, infrequent: grouping === undefined ? undefined : size - 1 }
}

/** The cells of a column, refused if infinite: encoders let only NaN through. */
export function encoderCells(block: Block, column: number): readonly Cell[] {
  const cells = columnCells(block, column)
  for (const cell of cells) {
    if (cell === Infinity || cell === -Infinity) throw refusal('Input contains infinity.')
  }
  return cells
}

/** What an encoder answers to a value that it has not seen at fit, when set to refuse it. */
export const unknownCategory = (cell: Cell, column: number): Error =>
  refusal(`Found unknown category ${showCell(cell)} in column ${column} during transform.`)

export const knownValues =
  (columns: readonly ColumnCategories[], isClosed: boolean) =>
  (position: number): KnownValues | undefined => {
    const column = columns[position]
    return column === undefined ? undefined : { values: column.values, isClosed }
  }
