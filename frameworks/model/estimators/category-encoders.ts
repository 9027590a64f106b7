import { matrix, type Block, type Column, type Frame } from '../frames/block.ts'
import { columnDtype } from '../frames/column-dtype.ts'
import { isNaNCell, keyOf, NA, showCell, type Cell } from '../frames/cell.ts'
import { refusal } from '../frames/refusal.ts'
import { columnCells } from '../frames/to-objects.ts'
import { numbersOf } from '../frames/to-matrix.ts'
import { numberOf } from '../numpy/array.ts'
import { readNumberTable, readSeries } from '../pandas/tables.ts'
import { labelText, isConstructed, type Pickled } from '../pickled.ts'
import { Attributes, unsupported } from './attributes.ts'
import type { Compiler, Fitted } from './fitted.ts'

/** `category_encoders.OneHotEncoder`: 1.x puts its columns first, 2.x where the source was. */
export const categoryOneHotEncoder: Compiler = (estimator) => {
  const inner = estimator.get('ordinal_encoder')
  const codes = isConstructed(inner) ? readOrdinals(new Attributes(inner)) : readOrdinals(estimator)
  const encoder = isFirstGeneration(inner)
    ? firstGeneration(estimator, codes)
    : secondGeneration(estimator, codes)
  return { ...encoder, knownValues: knownByName(estimator, codes) }
}

/** `category_encoders.OrdinalEncoder`: codes in place; what has none is -1. */
export const categoryOrdinalEncoder: Compiler = (estimator) => {
  const codes = readOrdinals(estimator)
  const unknown = estimator.text('handle_unknown', 'value')
  const losesMissing = estimator.get('handle_missing') === 'return_nan'
  return {
    name: estimator.name,
    knownValues: knownByName(estimator, codes),
    transform: (block) =>
      assemble(asFrame(block, estimator), (name) => {
        const column = codes.find((candidate) => candidate.name === name)
        if (column === undefined) return undefined
        const encode = (cell: Cell): number => {
          const code = codeOf(column, cell, unknown)
          return losesMissing && code === MISSING_CODE ? Number.NaN : code
        }
        return [{ name, encode }]
      }),
  }
}

/** The values of a column that have a code, missing ones apart. */
function knownByName(
  estimator: Attributes,
  codes: readonly Ordinals[],
): NonNullable<Fitted['knownValues']> {
  const isClosed = estimator.text('handle_unknown', 'value') === 'error'
  return (_position, name) => {
    const column = codes.find((candidate) => candidate.name === name)
    if (column === undefined) return undefined
    const values = [...column.codes.keys()].filter((cell) => cell !== null && !isNaNCell(cell))
    return { values, isClosed }
  }
}

/** What missing values are numbered, whether or not the training data had any. */
const MISSING_CODE = -2
const UNKNOWN_CODE = -1

type Ordinals = Readonly<{
  name: string
  codes: ReadonlyMap<Cell, number>
  /** Whether None is looked up as NaN; versions before 2.5 take it for an unknown value. */
  takesNoneForNaN: boolean
}>

/** The output columns of one input column; undefined keeps the column as it is. */
type Encode = (name: string) => readonly Encoded[] | undefined
type Encoded = Readonly<{ name: string; encode: (cell: Cell) => number }>

function readOrdinals(encoder: Attributes): Ordinals[] {
  return encoder.list('mapping').map((entry) => {
    const [name, mapping] = entry instanceof Map ? [entry.get('col'), entry.get('mapping')] : []
    if (typeof name !== 'string') throw encoder.missing('mapping')
    return { name, codes: readCodes(mapping), takesNoneForNaN: encoder.has('invariant_cols') }
  })
}

/** A list of (value, code) pairs in 1.x, a Series from value to code in 2.x, a dict if given. */
function readCodes(mapping: Pickled | undefined): Map<Cell, number> {
  if (mapping instanceof Map) return codesOf([...mapping.keys()], [...mapping.values()])
  if (Array.isArray(mapping)) {
    const pairs = mapping.map((pair) => (Array.isArray(pair) ? pair : [pair, null]))
    return codesOf(
      pairs.map((pair) => pair[0]!),
      pairs.map((pair) => pair[1]!),
    )
  }
  const { labels, values } = readSeries(mapping)
  return codesOf(labels, values)
}

const codesOf = (labels: readonly Pickled[], codes: readonly Pickled[]): Map<Cell, number> =>
  new Map(labels.map((label, i) => [keyOf(label as Cell), numberOf(codes[i])]))

const isFirstGeneration = (inner: Pickled | undefined): boolean => {
  const mapping = isConstructed(inner) ? new Attributes(inner).get('mapping') : undefined
  const first = Array.isArray(mapping) ? mapping[0] : undefined
  return first instanceof Map && Array.isArray(first.get('mapping'))
}

/** One-hot blocks in the order of `cols`, then all other columns. Unknown values are all zeros. */
function firstGeneration(
  estimator: Attributes,
  columns: readonly Ordinals[],
): ReturnType<Compiler> {
  const width = columns.reduce((sum, column) => sum + column.codes.size, 0)
  return {
    name: estimator.name,
    transform: (block) => {
      const frame = asFrame(block, estimator)
      const rest = frame.columns.filter((c) => columns.every((column) => column.name !== c.name))
      const out = matrix(block.rows, width + rest.length)
      let offset = 0
      for (const column of columns) {
        const cells = namedCells(frame, column.name)
        const order = [...column.codes.keys()]
        cells.forEach((cell, r) => {
          // pandas of that time took None and NaN for the same missing value.
          const key = cell === null ? Number.NaN : keyOf(cell)
          const place = order.findIndex(
            (value) => Object.is(value, key) || (value === null && Number.isNaN(key)),
          )
          if (place >= 0) out.data[r * out.columns + offset + place] = 1
        })
        offset += column.codes.size
      }
      rest.forEach((column, c) => {
        numbersOf(column).forEach((value, r) => (out.data[r * out.columns + width + c] = value))
      })
      return out
    },
  }
}

/** Each code has a row of zeros and a one, and so have unknown (-1) and missing (-2) values. */
function secondGeneration(estimator: Attributes, codes: readonly Ordinals[]): ReturnType<Compiler> {
  const unknown = estimator.text('handle_unknown', 'value')
  const tables = new Map(
    estimator.list('mapping').map((entry) => {
      const [name, mapping] = entry instanceof Map ? [entry.get('col'), entry.get('mapping')] : []
      const table = readNumberTable(mapping)
      const rows = new Map(table.index.map((code, i) => [numberOf(code), table.rows[i]!]))
      return [labelText(name), { rows, names: table.columns.map(labelText) }] as const
    }),
  )
  const encode: Encode = (name) => {
    const [table, column] = [tables.get(name), codes.find((candidate) => candidate.name === name)]
    if (table === undefined || column === undefined) return undefined
    return table.names.map((output, c) => ({
      name: output,
      encode: (cell) => {
        const row = table.rows.get(codeOf(column, cell, unknown))
        return row?.[c] ?? (unknown === 'return_nan' ? Number.NaN : 0)
      },
    }))
  }
  return { name: estimator.name, transform: (block) => assemble(asFrame(block, estimator), encode) }
}

function codeOf(column: Ordinals, cell: Cell, unknown: string): number {
  const isMissing = cell === NA || (cell === null && column.takesNoneForNaN)
  const code = column.codes.get(isMissing ? Number.NaN : keyOf(cell))
  if (code !== undefined) return code
  if (unknown === 'error') throw refusal(`Unexpected category ${showCell(cell)} in ${column.name}.`)
  if (unknown === 'return_nan') return Number.NaN
  return UNKNOWN_CODE
}

/** The frame with some columns encoded: later steps may ask for columns by name. */
function assemble(frame: Frame, encode: Encode): Frame {
  const columns = frame.columns.flatMap((column): Column[] => {
    const outputs = encode(column.name)
    if (outputs === undefined) return [column]
    const cells = namedCells(frame, column.name)
    return outputs.map((output) => ({
      name: output.name,
      dtype: FLOAT,
      values: Float64Array.from(cells, output.encode),
    }))
  })
  return { ...frame, columns, names: columns.map(({ name }) => name) }
}

const FLOAT = columnDtype('float64', 'float')

function namedCells(frame: Frame, name: string): readonly Cell[] {
  const position = frame.names.indexOf(name)
  if (position < 0) throw refusal(`The column ${name} is missing.`)
  return columnCells(frame, position)
}

function asFrame(block: Block, estimator: Attributes): Frame {
  if (block.kind !== 'frame') throw unsupported(estimator, 'after another step')
  return block
}
