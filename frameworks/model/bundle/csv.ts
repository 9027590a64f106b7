import { problem } from '../problems.ts'
import type { Observation } from '../frames/build-frame.ts'
import type { Cell } from '../frames/cell.ts'
import { floatOfText } from '../frames/python-number.ts'
import type { ColumnFacts } from './column-facts.ts'

export type CsvReader = Readonly<{
  /** Rows that are whole after this piece of text. */
  push: (text: string) => string[][]
  /** The last row, if the file does not end with a line end. */
  finish: () => string[][]
}>

/** Reads CSV a piece at a time: quoted cells, doubled quotes, either line end. RFC 4180. */
export function createCsvReader(): CsvReader {
  let cells: string[] = []
  let cell = ''
  let state: 'start' | 'plain' | 'quoted' | 'after' = 'start'
  let endsWithReturn = false
  const endCell = (): void => {
    cells.push(cell)
    cell = ''
    state = 'start'
  }
  const take = (character: string, rows: string[][]): void => {
    if (state === 'quoted') {
      if (character === '"') state = 'after'
      else cell += character
      if (cell.length > CELL_LENGTH_MAX)
        throw problem('request_invalid', 'A quoted cell has no closing quote.')
    } else if (character === '"' && state === 'start') state = 'quoted'
    else if (character === '"' && state === 'after') {
      cell += '"'
      state = 'quoted'
    } else if (character === ',') endCell()
    else if (character === '\n' || character === '\r') {
      if (character === '\n' && endsWithReturn) return
      const isBlank = cells.length === 0 && cell === '' && state === 'start'
      endCell()
      if (!isBlank) rows.push(cells)
      cells = []
    } else {
      cell += character
      state = 'plain'
    }
  }
  return {
    push: (text) => {
      const rows: string[][] = []
      for (const character of text) {
        take(character, rows)
        endsWithReturn = character === '\r'
      }
      return rows
    },
    finish: () => {
      if (state === 'quoted')
        throw problem('request_invalid', 'The file ends inside a quoted cell.')
      const rows: string[][] = []
      take('\n', rows)
      return rows
    },
  }
}

const CELL_LENGTH_MAX = 10_000_000

/** A row as JSON would have it: numbers and flags by the column's type, empty cells left out. */
export function observationOfCells(
  header: readonly string[],
  cells: readonly string[],
  facts: readonly ColumnFacts[],
): { id: Cell | undefined; observation: Observation } {
  const byName = new Map(facts.map((column) => [column.name, column]))
  const observation: Record<string, unknown> = {}
  let id: Cell | undefined
  for (const [i, name] of header.entries()) {
    const cell = cells[i]
    if (cell === undefined || cell === '') continue
    const column = byName.get(name)
    if (column !== undefined) observation[name] = typed(cell, column)
    else if (name === 'id' || name === 'observation_id') id = idOf(cell)
    else observation[name] = cell
  }
  return { id, observation }
}

const idOf = (cell: string): Cell => {
  if (!/^-?(0|[1-9]\d*)$/.test(cell)) return cell
  return Number.isSafeInteger(Number(cell)) ? Number(cell) : BigInt(cell)
}

function typed(cell: string, { dtype, values }: ColumnFacts): Cell {
  if (dtype.kind === 'bool')
    return /^(true|1)$/i.test(cell) || (/^(false|0)$/i.test(cell) ? false : cell)
  const isOfNumbers =
    dtype.kind === 'int' ||
    dtype.kind === 'uint' ||
    dtype.kind === 'float' ||
    (values !== undefined &&
      values.length > 0 &&
      values.every((value) => typeof value === 'number'))
  return isOfNumbers ? (floatOfText(cell) ?? cell) : cell
}
