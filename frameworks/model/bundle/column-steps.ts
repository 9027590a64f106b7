import type { Fitted, KnownValues } from '../estimators/fitted.ts'
import type { Block, Column, Frame } from '../frames/block.ts'
import { keyOf, showCell, type Cell } from '../frames/cell.ts'
import { columnDtype } from '../frames/column-dtype.ts'
import { pick } from '../frames/pick.ts'
import { refusal } from '../frames/refusal.ts'
import { columnCells } from '../frames/to-objects.ts'
import { toMatrix } from '../frames/to-matrix.ts'

/** A transformer of some columns, which people apply to those of the frame and leave the others. */
export type ColumnStep = Readonly<{ columns: readonly string[]; fitted: Fitted }>

/** Steps that change columns where they are, one after the other, and leave the others. */
export const columnSteps = (steps: readonly ColumnStep[]): Fitted => ({
  name: 'Columns',
  parts: steps.map(({ fitted }) => fitted),
  isSparse: false,
  keepsColumns: true,
  transform: (block) => steps.reduce(applied, block),
  knownValues: (_position, name): KnownValues | undefined => {
    const step = steps.find(({ columns }) => columns.includes(name))
    return step?.fitted.knownValues?.(step.columns.indexOf(name), name)
  },
})

/** LabelEncoder on a column: a value becomes its place among the classes. */
export function encoderOf(classes: readonly Cell[]): Fitted {
  const places = new Map(classes.map((label, at) => [keyOf(label), at]))
  return {
    name: 'LabelEncoder',
    transform: (block) => {
      const data = columnCells(block, 0).map((cell) => {
        const place = places.get(keyOf(cell))
        if (place === undefined)
          throw refusal(`${showCell(cell)} was not seen by its LabelEncoder.`)
        return place
      })
      return { kind: 'dense', rows: block.rows, columns: 1, data: Float64Array.from(data) }
    },
    knownValues: () => ({ values: classes, isClosed: true }),
  }
}

function applied(block: Block, { columns, fitted }: ColumnStep): Block {
  if (block.kind !== 'frame' || fitted.transform === undefined) return block
  const positions = columns.map((name) => block.names.indexOf(name))
  const out = toMatrix(fitted.transform(pick(block, positions)), 'any')
  const changed = new Map(
    positions.map((position, c): [number, Column] => [
      position,
      { name: block.names[position]!, dtype: FLOAT, values: columnOf(out.data, c, out.columns) },
    ]),
  )
  const frame: Frame = {
    ...block,
    columns: block.columns.map((column, i) => changed.get(i) ?? column),
  }
  return frame
}

const FLOAT = columnDtype('float64', 'float')

const columnOf = (data: Float64Array, column: number, width: number): Float64Array =>
  Float64Array.from({ length: data.length / width }, (_, r) => data[r * width + column]!)
