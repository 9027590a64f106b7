import { Problem } from '@hokku/kit/problem'
import type { Cell } from '../frames/cell.ts'
import { columnFacts, type ColumnFacts } from './column-facts.ts'
import { scoreAll, type Model } from './model.ts'

/** Microseconds that one made-up row takes; undefined if the model refuses what we make up. */
export function measureRow(model: Model): number | undefined {
  const observation = sampleObservation(model)
  try {
    for (let i = 0; i < ROWS; i++) scoreAll(model, [observation])
    const start = performance.now()
    for (let i = 0; i < ROWS; i++) scoreAll(model, [observation])
    return ((performance.now() - start) / ROWS) * 1000
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}

const ROWS = 100

/** An observation that fits the columns of the model. */
export const sampleObservation = (model: Model): Record<string, Cell> =>
  Object.fromEntries(columnFacts(model).map((facts) => [facts.name, sample(facts)]))

/** A value that fits the column. */
function sample({ dtype, values }: Pick<ColumnFacts, 'dtype' | 'values'>): Cell {
  const known = values?.find((value) => value !== null && value === value)
  if (known !== undefined) return known
  if (dtype.kind === 'bool') return true
  if (dtype.kind === 'datetime') return '2026-01-01T00:00:00Z'
  return dtype.kind === 'int' || dtype.kind === 'uint' || dtype.kind === 'float' ? 1 : 'text'
}
