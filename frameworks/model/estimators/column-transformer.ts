import { problem } from '../problems.ts'
import { widthOf, type Block } from '../frames/block.ts'
import { pick, pickSeries } from '../frames/pick.ts'
import { stack } from '../frames/stack.ts'
import { matrix } from '../frames/block.ts'
import { readLabels } from '../pandas/labels.ts'
import { readSeries } from '../pandas/tables.ts'
import { labelText, classOf, isConstructed, type Pickled } from '../pickled.ts'
import { unsupported, type Attributes } from './attributes.ts'
import type { Compiler, Fitted } from './fitted.ts'
import { identity, transformOf, weighted, weightOf } from './pipeline.ts'

/** ColumnTransformer: fitted parts, each over its own columns, side by side. */
export const columnTransformer: Compiler = (estimator, build) => {
  const names = namesAtFit(estimator)
  const weights = estimator.get('transformer_weights')
  const parts = estimator.list('transformers_').flatMap((entry): Part[] => {
    const [name, value, columns] = Array.isArray(entry) ? entry : []
    if (value === undefined || value === 'drop') return []
    const model = value === 'passthrough' ? identity(labelText(name)) : build.compile(value)
    const wanted = readColumns(estimator, columns)
    if (wanted.kind === 'list' && wanted.items.length === 0) return []
    return [
      {
        model,
        transform: transformOf(estimator, model),
        wanted,
        weight: weightOf(weights, labelText(name)),
      },
    ]
  })
  const resolve = rememberLast((of: readonly string[] | number) => {
    return parts.map((part) =>
      positionsOf(
        part.wanted,
        typeof of === 'number' ? names : of,
        typeof of === 'number' ? of : of.length,
      ),
    )
  })
  return {
    name: estimator.name,
    parts: parts.map((part) => part.model),
    transform: (block) => {
      const positions = resolve(block.kind === 'frame' ? block.names : widthOf(block))
      const outputs = parts.map((part, i) => {
        const input =
          part.wanted.kind === 'one'
            ? pickSeries(block, positions[i]![0]!)
            : pick(block, positions[i]!)
        return weighted(part.transform(input), part.weight)
      })
      return outputs.length === 0 ? matrix(block.rows, 0) : stack(outputs, block.rows)
    },
    isSparse: estimator.flag('sparse_output_', false),
    knownValues: (position, name) => {
      const width = names?.length ?? position + 1
      for (const part of parts) {
        const at = placeIn(part.wanted, { position, name }, names, width)
        const known = at < 0 ? undefined : part.model.knownValues?.(at, name)
        if (known !== undefined) return known
      }
      return undefined
    },
  }
}

/** Names of the frame at the fit: scikit-learn 1.0, 0.24 and 0.20 to 0.23 keep them in different places. */
export function namesAtFit(estimator: Attributes): string[] | undefined {
  const attribute = ['feature_names_in_', '_feature_names_in', '_df_columns'].find((name) =>
    estimator.has(name),
  )
  return attribute === undefined ? undefined : estimator.labels(attribute).map(String)
}

/** Where a column stands among those of a part; -1 if the part does not take it. */
function placeIn(
  wanted: Wanted,
  { position, name }: Readonly<{ position: number; name: string }>,
  names: readonly string[] | undefined,
  width: number,
): number {
  const isByName = wanted.kind !== 'mask' && wanted.items.some((item) => typeof item === 'string')
  if (names !== undefined || !isByName) {
    return positionsOf(wanted, names, width).indexOf(position)
  }
  // A slice between names says nothing of a column unless all names are known.
  return wanted.kind === 'slice' ? -1 : wanted.items.indexOf(name)
}

type Part = Readonly<{
  model: Fitted
  transform: (block: Block) => Block
  wanted: Wanted
  weight: number
}>

/** How a part names its columns. A single name or number gives a column without second dimension. */
type Wanted =
  | Readonly<{ kind: 'one'; items: readonly (string | number)[] }>
  | Readonly<{ kind: 'list'; items: readonly (string | number)[] }>
  | Readonly<{ kind: 'mask'; items: readonly boolean[] }>
  | Readonly<{ kind: 'slice'; items: readonly (string | number | null)[] }>

function readColumns(estimator: Attributes, value: Pickled | undefined): Wanted {
  if (typeof value === 'string' || typeof value === 'number') return { kind: 'one', items: [value] }
  if (isConstructed(value) && classOf(value)?.name === 'slice') {
    return { kind: 'slice', items: value.args as (string | number | null)[] }
  }
  if (
    value === undefined ||
    value === null ||
    (isConstructed(value) && classOf(value)?.name === 'make_column_selector')
  ) {
    throw unsupported(estimator, 'with columns that were not resolved at fit')
  }
  const items = classOf(value)?.name === 'Series' ? readSeries(value).values : readLabels(value)
  if (items.length > 0 && items.every((item) => typeof item === 'boolean')) {
    return { kind: 'mask', items: items as boolean[] }
  }
  return { kind: 'list', items: items as (string | number)[] }
}

function positionsOf(
  wanted: Wanted,
  names: readonly string[] | undefined,
  width: number,
): number[] {
  if (wanted.kind === 'mask') {
    const chosen = [...wanted.items.keys()].filter((c) => wanted.items[c])
    return chosen.map((c) => positionOf(c, names, width))
  }
  if (wanted.kind === 'slice') return slicePositions(wanted.items, names, width)
  return wanted.items.map((item) => positionOf(item, names, width))
}

function positionOf(
  item: string | number,
  names: readonly string[] | undefined,
  width: number,
): number {
  const position =
    typeof item === 'string' ? (names?.indexOf(item) ?? -1) : item < 0 ? item + width : item
  if (!(Number.isInteger(position) && position >= 0 && position < width)) {
    throw problem('model_invalid', `The pipeline needs the column ${item}, which is missing.`, {
      hint: 'columns.json and the pipeline do not belong together.',
    })
  }
  return position
}

/** Slices of names include their end, slices of numbers do not. */
function slicePositions(
  [from, to, step]: readonly (string | number | null)[],
  names: readonly string[] | undefined,
  width: number,
): number[] {
  const at = (
    bound: string | number | null | undefined,
    fallback: number,
    isEnd: boolean,
  ): number => {
    if (bound === null || bound === undefined) return fallback
    if (typeof bound === 'string') return positionOf(bound, names, width) + (isEnd ? 1 : 0)
    return Math.min(width, Math.max(0, bound < 0 ? bound + width : bound))
  }
  const [start, end] = [at(from, 0, false), at(to, width, true)]
  const stride = typeof step === 'number' ? Math.max(1, step) : 1
  return Array.from(
    { length: Math.max(0, Math.ceil((end - start) / stride)) },
    (_, i) => start + i * stride,
  )
}

/** Look-ups by name are done once for a frame's list of names, which all its frames share. */
function rememberLast<Key, Value>(compute: (key: Key) => Value): (key: Key) => Value {
  let last: { key: Key; value: Value } | undefined
  return (key) => {
    if (last === undefined || last.key !== key) last = { key, value: compute(key) }
    return last.value
  }
}
