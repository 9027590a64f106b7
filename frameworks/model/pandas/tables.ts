import { problem } from '../problems.ts'
import { numberArray } from '../numpy/array.ts'
import { classOf, describe, isMade, type Made, type Pickled } from '../pickle/values.ts'
import { readLabels } from './labels.ts'

export type SeriesData = Readonly<{ labels: readonly Pickled[]; values: readonly Pickled[] }>
/** A frame of numbers: one row of `rows` for each label of `index`. */
export type NumberTable = Readonly<{
  columns: readonly Pickled[]
  index: readonly Pickled[]
  rows: readonly Float64Array[]
}>

/** A pandas Series as labels and values. */
export function readSeries(value: Pickled | undefined): SeriesData {
  const [axes, blocks] = managerOf(value, 'Series')
  const labels = readLabels(axes[0])
  const values = blocks[0] === undefined ? [] : readLabels(blocks[0])
  if (labels.length !== values.length) throw problem('pickle_invalid', 'A Series lacks values.')
  return { labels, values }
}

/** A pandas DataFrame whose columns are all numbers of one type, as encoders keep them. */
export function readNumberTable(value: Pickled | undefined): NumberTable {
  const [axes, blocks] = managerOf(value, 'DataFrame')
  const [columns, index] = [readLabels(axes[0]), readLabels(axes[1])]
  if (blocks.length === 0) return { columns, index, rows: index.map(() => new Float64Array(0)) }
  const { shape, data } = numberArray(blocks[0])
  if (blocks.length !== 1 || shape[0] !== columns.length || shape[1] !== index.length) {
    throw problem('pickle_invalid', 'A DataFrame of one block was expected.')
  }
  const rows = index.map((_, row) =>
    Float64Array.from(columns, (_label, column) => data[column * index.length + row]!),
  )
  return { columns, index, rows }
}

/** Axes and block values of the manager inside; pandas has written it in three ways. */
function managerOf(value: Pickled | undefined, name: string): [axes: Pickled[], blocks: Pickled[]] {
  if (!isMade(value) || classOf(value)?.name !== name || !(value.state instanceof Map)) {
    throw problem('pickle_invalid', `A pandas ${name} was expected, not ${describe(value)}.`)
  }
  const manager = value.state.get('_mgr') ?? value.state.get('_data')
  if (!isMade(manager)) throw problem('pickle_invalid', `A pandas ${name} has no content.`)
  if (manager.args.length >= 2) return fromArguments(manager)
  const [axes, blocks] = Array.isArray(manager.state) ? manager.state : []
  if (!Array.isArray(axes) || !Array.isArray(blocks)) {
    throw problem('pickle_invalid', `A pandas ${name} has no content.`)
  }
  return [axes, blocks]
}

/** Since pandas 1.3: `BlockManager((_unpickle_block(values, place, ndim), …), [axes])`. */
function fromArguments(manager: Made): [Pickled[], Pickled[]] {
  const [blocks, axes] = manager.args
  if (!Array.isArray(blocks) || !Array.isArray(axes)) {
    throw problem('pickle_invalid', 'A pandas manager has no content.')
  }
  return [axes, blocks.map((block) => (isMade(block) ? (block.args[0] ?? null) : block))]
}
