import { columnFacts } from '../bundle/column-facts.ts'
import type { Model } from '../bundle/model.ts'
import { isNumeric } from '../frames/column-dtype.ts'
import { observationOf } from '../service/observation-of.ts'
import type { Database } from '../store/database.ts'
import { columnDrift } from './drift.ts'
import { readObservations } from './read-history.ts'

/** Rows on each side; the index is stable from a few hundred on. */
export const DRIFT_ROWS = 2000
export const DRIFT_ROWS_MAX = 20_000

/**
 * Compares the newest observations with the oldest ones, which stand for the time when the model
 * was new.
 *
 * @param rows how many of either; of fewer than twice as many, the newer half is the newest
 */
export async function driftReport(
  database: Database,
  model: Model,
  rows: number,
  version: string | undefined,
): Promise<object> {
  const [oldest, newest] = await Promise.all([
    readObservations(database, 'oldest', rows, version),
    readObservations(database, 'newest', rows, version),
  ])
  const { before, now } = apart(oldest, newest, rows)
  const observations = { before: before.map(observationOf), now: now.map(observationOf) }
  return {
    drift_rows: { before: before.length, now: now.length },
    drift: columnFacts(model).map(({ name, dtype, values }) =>
      columnDrift(
        name,
        isNumeric(dtype) && dtype.kind !== 'bool' && values === undefined,
        observations.before.map((row) => row[name]),
        observations.now.map((row) => row[name]),
      ),
    ),
  }
}

type Numbered = Readonly<{ id: number; raw: string }>

/** With few rows the two ends overlap: each row counts on one side only. */
function apart(
  oldest: readonly Numbered[],
  newest: readonly Numbered[],
  rows: number,
): { before: readonly Numbered[]; now: readonly Numbered[] } {
  const isApart = oldest.length === rows && newest.at(-1)!.id > oldest.at(-1)!.id
  if (isApart) return { before: oldest, now: newest }
  const all = new Map([...oldest, ...newest].map((row) => [row.id, row]))
  const inOrder = [...all.values()].toSorted((a, b) => a.id - b.id)
  const middle = inOrder.length >> 1
  return { before: inOrder.slice(0, middle), now: inOrder.slice(middle) }
}
