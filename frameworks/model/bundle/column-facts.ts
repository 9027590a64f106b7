import type { Cell } from '../frames/cell.ts'
import type { ColumnDtype } from '../frames/column-dtype.ts'
import type { Model } from './model.ts'

/** What is known of an input column: its type, and the values an encoder or a category lists. */
export type ColumnFacts = Readonly<{
  name: string
  dtype: ColumnDtype
  /** Values seen at fit, if anything in the file lists them. */
  values: readonly Cell[] | undefined
  /** Whether others are refused. */
  isClosed: boolean
}>

export function columnFacts(model: Model): ColumnFacts[] {
  return model.schema.names.map((name, i) => {
    const dtype = model.schema.dtypes[i]!
    const known = model.estimator.knownValues?.(i, name)
    if (dtype.categories !== undefined) {
      return { name, dtype, values: dtype.categories, isClosed: true }
    }
    return { name, dtype, values: known?.values, isClosed: known?.isClosed ?? false }
  })
}
