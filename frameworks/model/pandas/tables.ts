import { problem } from '../problems.ts'
import { numberArray } from '../numpy/array.ts'
import { classOf, describe, isConstructed, type Constructed, type Pickled } from '../pickled.ts'
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

/** A pandas DataFrame whose columns are all numbers, as encoders keep them: a block for each type. */
export function readNumberTable(value: Pickled | undefined): NumberTable {
  const [axes, blocks, items] = managerOf(value, 'DataFrame')
  const [columns, index] = [readLabels(axes[0]), readLabels(axes[1])]
  const rows = index.map(() => new Float64Array(columns.length))
  let filled = 0
  for (const [b, block] of blocks.entries()) {
    const places = placesOf(items[b], columns)
    const { shape, data } = numberArray(block)
    if (shape[0] !== places.length || shape[1] !== index.length) throw uneven()
    places.forEach((column, k) => {
      rows.forEach((row, r) => (row[column] = data[k * index.length + r]!))
    })
    filled += places.length
  }
  if (filled !== columns.length) throw uneven()
  return { columns, index, rows }
}

const uneven = (): Error => problem('pickle_invalid', 'A DataFrame lacks values.')

/** Where a block's columns stand: a slice, an array of positions, or until pandas 1.2 their labels. */
function placesOf(items: Pickled | undefined, columns: readonly Pickled[]): number[] {
  const found =
    classOf(items)?.name === 'slice'
      ? sliceOf((items as Constructed).args, columns.length)
      : readLabels(items).map((item) => (typeof item === 'number' ? item : columns.indexOf(item)))
  const isSound = found.every((at) => Number.isInteger(at) && at >= 0 && at < columns.length)
  if (!isSound || new Set(found).size !== found.length) throw uneven()
  return found
}

function sliceOf([start, stop, step]: readonly Pickled[], length: number): number[] {
  const stride = typeof step === 'number' && step > 0 ? step : 1
  const [from, to] = [
    typeof start === 'number' ? start : 0,
    typeof stop === 'number' ? stop : length,
  ]
  return Array.from(
    { length: Math.max(0, Math.min(length, Math.ceil((to - from) / stride))) },
    (_, i) => from + i * stride,
  )
}

type Manager = readonly [axes: Pickled[], blocks: Pickled[], items: Pickled[]]

/** Axes, block values and block items of the manager inside; pandas has written it in three ways. */
function managerOf(value: Pickled | undefined, name: string): Manager {
  if (!isConstructed(value) || classOf(value)?.name !== name || !(value.state instanceof Map)) {
    throw problem('pickle_invalid', `A pandas ${name} was expected, not ${describe(value)}.`)
  }
  const manager = value.state.get('_mgr') ?? value.state.get('_data')
  if (!isConstructed(manager)) throw problem('pickle_invalid', `A pandas ${name} has no content.`)
  if (manager.args.length >= 2) return fromArguments(manager)
  const [axes, blocks, items] = Array.isArray(manager.state) ? manager.state : []
  if (!Array.isArray(axes) || !Array.isArray(blocks)) {
    throw problem('pickle_invalid', `A pandas ${name} has no content.`)
  }
  return [axes, blocks, Array.isArray(items) ? items : []]
}

/** Since pandas 1.3: `BlockManager((_unpickle_block(values, place, ndim), …), [axes])`. */
function fromArguments(manager: Constructed): Manager {
  const [blocks, axes] = manager.args
  if (!Array.isArray(blocks) || !Array.isArray(axes)) {
    throw problem('pickle_invalid', 'A pandas manager has no content.')
  }
  const part = (block: Pickled, at: number): Pickled =>
    isConstructed(block) ? (block.args[at] ?? null) : block
  return [axes, blocks.map((block) => part(block, 0)), blocks.map((block) => part(block, 1))]
}
