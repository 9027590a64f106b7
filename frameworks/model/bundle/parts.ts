import * as z from 'zod'
import { problem } from '../problems.ts'
import { compileEstimator } from '../estimators/registry.ts'
import type { Cell } from '../frames/cell.ts'
import type { FrameSchema } from '../frames/build-frame.ts'
import { OBJECT } from '../frames/column-dtype.ts'
import { readDtypes } from '../pandas/dtypes.ts'
import type { Pickled } from '../pickled.ts'
import { createModel, type Model } from './model.ts'

const Classes = z.array(z.union([z.string(), z.number(), z.boolean()])).min(2)
const Columns = z.array(z.string().max(1000)).min(1).max(100_000)

/** Column names from the text of `columns.json`. */
export function readColumns(text: string, file = 'columns.json'): string[] {
  const columns = Columns.safeParse(parseJson(text))
  if (!columns.success) throw problem('model_invalid', `${file} must be a list of column names.`)
  if (new Set(columns.data).size !== columns.data.length) {
    throw problem('model_invalid', `${file} names a column twice.`)
  }
  return columns.data
}

/** Labels from the text of `classes.json`. */
export function readClasses(text: string): Cell[] {
  const classes = Classes.safeParse(parseJson(text))
  if (classes.success) return classes.data
  throw problem('model_invalid', 'classes.json must be a list of labels.')
}

/** A model from what its three files hold. */
export const assembleModel = (
  pipeline: Pickled,
  columns: readonly string[],
  dtypes: Pickled | undefined,
): Model => nestedAtMost(() => createModel(compileEstimator(pipeline), schemaOf(columns, dtypes)))

/** A pipeline nested thousands of times exhausts the stack, and nothing else does. */
export function nestedAtMost<T>(build: () => T): T {
  try {
    return build()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw problem('model_invalid', 'The pipeline is nested too deeply.', { cause: error })
  }
}

/** The columns that a list of types names, in the order of the training. */
export const namesOfTypes = (dtypes: Pickled | undefined): readonly string[] | undefined =>
  dtypes === undefined ? undefined : [...readDtypes(dtypes).keys()]

/** Types in the order of the columns; without `dtypes.pickle` values stay as they are sent. */
export function schemaOf(columns: readonly string[], dtypes: Pickled | undefined): FrameSchema {
  if (dtypes === undefined) return { names: columns, dtypes: columns.map(() => OBJECT) }
  const types = readDtypes(dtypes)
  const missing = columns.filter((name) => !types.has(name))
  if (missing.length > 0) {
    throw problem('model_invalid', `dtypes.pickle lacks the columns ${missing.join(', ')}.`)
  }
  return { names: columns, dtypes: columns.map((name) => types.get(name)!) }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
