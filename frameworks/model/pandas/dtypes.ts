import { problem } from '../problems.ts'
import type { Cell } from '../frames/cell.ts'
import { columnDtype, OBJECT, type ColumnDtype } from '../frames/column-dtype.ts'
import { readDtype } from '../numpy/dtype.ts'
import {
  labelText,
  classOf,
  describe,
  isConstructed,
  type Constructed,
  type Pickled,
} from '../pickled.ts'
import { readLabels } from './labels.ts'
import { readSeries } from './tables.ts'

/** The types of a training frame: `dtypes.pickle`, a Series from column name to type. */
export function readDtypes(value: Pickled | undefined): Map<string, ColumnDtype> {
  const { labels, values } = readSeries(value)
  return new Map(labels.map((label, i) => [labelText(label), readColumnDtype(values[i])]))
}

/** A NumPy or pandas type as the type of a column. */
export function readColumnDtype(value: Pickled | undefined): ColumnDtype {
  if (value === 'category') return columnDtype('category', 'category', { categories: [] })
  const name = classOf(value)?.name
  if (!isConstructed(value) || name === undefined) {
    throw problem('pickle_invalid', `A column type was expected, not ${describe(value)}.`)
  }
  if (name === 'dtype') return fromNumpy(value)
  if (name === 'CategoricalDtype') return fromCategorical(value)
  if (name === 'StringDtype') return fromString(value)
  if (name === 'BooleanDtype') return columnDtype('boolean', 'bool', { isNullable: true })
  const nullable = /^(Int|UInt|Float)(8|16|32|64)Dtype$/.exec(name)
  if (nullable !== null) {
    const kind = nullable[1]!.toLowerCase() as 'int' | 'uint' | 'float'
    const bits = Number(nullable[2])
    return columnDtype(`${nullable[1]!}${bits}`, kind, { bits, isNullable: true })
  }
  throw problem('model_unsupported', `Columns of type ${name} are not supported.`)
}

function fromNumpy(value: Constructed): ColumnDtype {
  const { kind, itemSize, unit } = readDtype(value)
  const bits = itemSize * 8
  if (kind === 'i') return columnDtype(`int${bits}`, 'int', { bits })
  if (kind === 'u') return columnDtype(`uint${bits}`, 'uint', { bits })
  if (kind === 'f') return columnDtype(`float${bits}`, 'float', { bits })
  if (kind === 'b') return columnDtype('bool', 'bool')
  if (kind === 'O' || kind === 'U') return OBJECT
  if (kind === 'M') return columnDtype(`datetime64[${unit ?? 'ns'}]`, 'datetime')
  throw problem(
    'model_unsupported',
    `Columns of the NumPy type ${kind}${itemSize} are not supported.`,
  )
}

function fromCategorical(value: Constructed): ColumnDtype {
  const categories = value.state instanceof Map ? value.state.get('categories') : value.args[0]
  const labels = categories === undefined || categories === null ? [] : readLabels(categories)
  return columnDtype('category', 'category', { categories: labels as Cell[] })
}

/** pandas 3 writes the mark of missing text as the second argument: NaN for its default type. */
function fromString(value: Constructed): ColumnDtype {
  const missingIsNaN = typeof value.args[1] === 'number' && Number.isNaN(value.args[1])
  return columnDtype(missingIsNaN ? 'str' : 'string', 'string', { missingIsNaN })
}
