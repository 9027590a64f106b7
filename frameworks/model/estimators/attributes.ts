import { problem } from '../problems.ts'
import type { Cell } from '../frames/cell.ts'
import {
  isStoredArray,
  numberArray,
  numberOf,
  scalarOf,
  valueArray,
  type NumberArray,
} from '../numpy/array.ts'
import { readLabels } from '../pandas/labels.ts'
import {
  labelText,
  classOf,
  describe,
  isConstructed,
  type Constructed,
  type Pickled,
} from '../pickled.ts'

/** The attributes of one estimator, read with a check of their kind. */
export class Attributes {
  readonly name: string
  readonly module: string
  readonly #values: ReadonlyMap<Pickled, Pickled>

  constructor(object: Constructed) {
    const of = classOf(object)
    this.name = of?.name ?? 'object'
    this.module = of?.module ?? ''
    this.#values = stateOf(object)
  }

  /** The raw value of the first of these names that the file has; None counts as a value. */
  get(...names: string[]): Pickled | undefined {
    return names.map((name) => this.#values.get(name)).find((value) => value !== undefined)
  }

  has(name: string): boolean {
    const value = this.#values.get(name)
    return value !== undefined && value !== null
  }

  /** scikit-learn's version when the model was saved, e.g. `[1, 2]`; 0.18 and older wrote none. */
  get version(): readonly [major: number, minor: number] {
    const [major, minor] = labelText(this.get('_sklearn_version') ?? '0.17').split('.')
    return [Number(major), Number.parseInt(minor ?? '0', 10)]
  }

  isAtLeast(major: number, minor: number): boolean {
    const [ours, oursMinor] = this.version
    return ours > major || (ours === major && oursMinor >= minor)
  }

  number(name: string, fallback?: number): number {
    const value = this.get(name)
    if ((value === undefined || value === null) && fallback !== undefined) return fallback
    if (value === undefined) throw this.missing(name)
    return numberOf(value)
  }

  text(name: string, fallback?: string): string {
    const value = this.get(name)
    if ((value === undefined || value === null) && fallback !== undefined) return fallback
    if (typeof value !== 'string') throw this.missing(name)
    return value
  }

  flag(name: string, fallback: boolean): boolean {
    const value = scalarOf(this.get(name) ?? fallback)
    return typeof value === 'boolean' ? value : value !== null && value !== 0
  }

  /** A list, a tuple or an array of objects. */
  list(...names: string[]): Pickled[] {
    const value = this.get(...names)
    if (Array.isArray(value)) return value
    if (isStoredArray(value)) return valueArray(value)
    if (isConstructed(value) && value.items !== undefined) return value.items
    throw this.missing(names[0] ?? '')
  }

  /** Numbers of an array, a list or a single number. */
  array(...names: string[]): NumberArray {
    const value = this.get(...names)
    if (value === undefined || value === null) throw this.missing(names[0] ?? '')
    return numbersIn(value)
  }

  numbers(...names: string[]): Float64Array {
    return this.array(...names).data
  }

  /** Like `numbers`, undefined where the file has None or nothing. */
  numbersOrNone(name: string): Float64Array | undefined {
    return this.has(name) ? this.numbers(name) : undefined
  }

  /** A matrix of numbers; a vector counts as one row. */
  rows(...names: string[]): Readonly<{ rows: number; columns: number; data: Float64Array }> {
    const { shape, data } = this.array(...names)
    const columns = shape.at(-1) ?? 1
    if (shape.length > 2) throw this.missing(names[0] ?? '')
    return { rows: shape.length === 2 ? shape[0]! : 1, columns, data }
  }

  /** Labels: of classes, of categories, of columns. */
  labels(name: string): Cell[] {
    const value = this.get(name)
    if (value === undefined || value === null) throw this.missing(name)
    return readLabels(value) as Cell[]
  }

  /** The classes of a classifier. @throws Problem for several outputs at once */
  classes(): Cell[] {
    const classes = this.labels('classes_')
    if (classes.some((label) => typeof label === 'object' && label !== null)) {
      throw unsupported(this, 'with several outputs')
    }
    return classes
  }

  missing(name: string): Error {
    return problem('model_invalid', `${this.name} has no usable ${name}: is the model fitted?`, {
      details: { found: describe(this.get(name)) },
    })
  }
}

export function unsupported(estimator: Attributes, what: string): Error {
  return problem('model_unsupported', `${estimator.name} ${what} is not supported.`, {
    hint: 'docs/models.md lists what is; everything else can be served by the Flask original.',
  })
}

/** Numbers of an array or a list, flat. */
export const numbersOfList = (value: Pickled): Float64Array => numbersIn(value).data

function numbersIn(value: Pickled): NumberArray {
  if (isStoredArray(value)) return numberArray(value)
  if (!Array.isArray(value)) return { shape: [], data: Float64Array.of(numberOf(value)) }
  if (!value.some((item) => Array.isArray(item) || isStoredArray(item))) {
    return { shape: [value.length], data: Float64Array.from(value, numberOf) }
  }
  const rows = value.map((item) => numbersIn(item).data)
  const width = rows[0]?.length ?? 0
  const data = new Float64Array(rows.length * width)
  rows.forEach((row, r) => data.set(row.subarray(0, width), r * width))
  return { shape: [rows.length, width], data }
}

/** State is a dict, or a pair of dict and slots. */
function stateOf(object: Constructed): Map<Pickled, Pickled> {
  const { state, entries } = object
  if (state instanceof Map) return state
  if (Array.isArray(state)) {
    const parts = state.filter((part) => part instanceof Map)
    return new Map(parts.flatMap((part) => [...part]))
  }
  return entries ?? new Map()
}
