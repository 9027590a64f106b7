import { Problem } from '@hokku/kit/problem'
import type { Fitted } from '../estimators/fitted.ts'
import { buildFrame, type FrameSchema } from '../frames/build-frame.ts'
import type { Frame } from '../frames/block.ts'
import type { Cell } from '../frames/cell.ts'
import { columnDtype, OBJECT } from '../frames/column-dtype.ts'

/**
 * Types of columns that no file lists. A column for which the encoders know values keeps what is
 * sent. One where the model takes a number and refuses a text is a number.
 */
export function inferSchema(fitted: Fitted, names: readonly string[]): FrameSchema {
  const unknown = names.filter((name, i) => fitted.knownValues?.(i, name) === undefined)
  const start = [1, 'text'].find((value) => accepts(fitted, names, new Map(), value))
  if (start === undefined) return untyped(names)
  const isNumber = (name: string): boolean =>
    !accepts(fitted, names, new Map([[name, start === 1 ? 'text' : 1]]), start) === (start === 1)
  // Columns of a wide matrix are all alike.
  const numbers =
    names.length > COLUMNS_TRIED_MAX
      ? new Set(start === 1 ? unknown : [])
      : new Set(unknown.filter(isNumber))
  return { names, dtypes: names.map((name) => (numbers.has(name) ? FLOAT : OBJECT)) }
}

const FLOAT = columnDtype('float64', 'float')
const COLUMNS_TRIED_MAX = 300

const untyped = (names: readonly string[]): FrameSchema => ({
  names,
  dtypes: names.map(() => OBJECT),
})

/** A made-up row: values that encoders know, and `value` where nothing is known. */
export function sampleFrame(
  fitted: Fitted,
  names: readonly string[],
  value: Cell = 1,
  given: ReadonlyMap<string, Cell> = new Map(),
): Frame {
  const cells = names.map((name, i): [string, Cell] => [
    name,
    given.get(name) ?? fitted.knownValues?.(i, name)?.values.find((one) => one !== null) ?? value,
  ])
  return buildFrame([Object.fromEntries(cells)], untyped(names))
}

function accepts(
  fitted: Fitted,
  names: readonly string[],
  given: ReadonlyMap<string, Cell>,
  value: Cell,
): boolean {
  try {
    const frame = sampleFrame(fitted, names, value, given)
    const answer = fitted.predict ?? fitted.proba
    answer?.(frame)
    return true
  } catch (error) {
    if (error instanceof Problem) return false
    throw error
  }
}
