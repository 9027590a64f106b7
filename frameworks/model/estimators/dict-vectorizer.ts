import { matrix, type Block } from '../frames/block.ts'
import type { Cell } from '../frames/cell.ts'
import { refusal } from '../frames/refusal.ts'
import { columnCells } from '../frames/to-objects.ts'
import { numberOf } from '../numpy/array.ts'
import { labelText } from '../pickled.ts'
import type { Attributes } from './attributes.ts'
import type { Compiler, KnownValues } from './fitted.ts'

/** DictVectorizer: a number stays a number, a text is a column `name=text` of zeros and ones. */
export const dictVectorizer: Compiler = (estimator) => {
  const vocabulary = estimator.get('vocabulary_')
  if (!(vocabulary instanceof Map)) throw estimator.missing('vocabulary_')
  const places = new Map([...vocabulary].map(([name, at]) => [labelText(name), numberOf(at)]))
  const width = places.size
  const separator = estimator.text('separator', '=')
  const values = valuesOf(places.keys(), separator)
  const put = (row: Float64Array, name: string, cell: Cell | undefined): void => {
    if (cell === undefined || cell === null) return
    const isText = typeof cell === 'string'
    if (!isText && typeof cell !== 'number' && typeof cell !== 'boolean') {
      throw refusal(`${name} is neither a number nor a text.`)
    }
    const place = places.get(isText ? `${name}${separator}${cell}` : name)
    if (place !== undefined) row[place] = isText ? 1 : Number(cell)
  }
  return {
    name: estimator.name,
    isSparse: estimator.flag('sparse', true),
    sizes: { columns: width },
    transform: (block) => {
      const out = matrix(block.rows, width)
      namesOf(block).forEach((name, c) => {
        columnCells(block, c).forEach((cell, r) =>
          put(out.data.subarray(r * width, (r + 1) * width), name, cell),
        )
      })
      return out
    },
    knownValues: (_position, name): KnownValues | undefined => {
      const known = values.get(name)
      return known === undefined ? undefined : { values: known, isClosed: false }
    },
  }
}

/** Keys of the dicts that it was fitted on, in the order of its columns. */
export function dictNames(estimator: Attributes): string[] {
  const separator = estimator.text('separator', '=')
  const columns = estimator.list('feature_names_').map(labelText)
  return [...new Set(columns.map((column) => keyOf(column, separator)))]
}

const keyOf = (column: string, separator: string): string => column.split(separator, 1)[0] ?? column

/** The texts of each key that has texts. */
function valuesOf(columns: Iterable<string>, separator: string): Map<string, Cell[]> {
  const texts = [...columns].filter((column) => column.includes(separator))
  const byKey = Map.groupBy(texts, (column) => keyOf(column, separator))
  return new Map(
    [...byKey].map(([key, list]) => [
      key,
      list.map((text) => text.slice(key.length + separator.length)),
    ]),
  )
}

const namesOf = (block: Block): readonly string[] => {
  if (block.kind === 'frame') return block.names
  throw refusal('DictVectorizer takes an observation with named columns.')
}
