import type { Model } from '../bundle/model.ts'
import { keyOf } from '../frames/cell.ts'
import {
  binaryPerformance,
  calibration,
  calibrationError,
  confusions,
  type Judged,
} from './binary-performance.ts'
import type { Bucket, LabelledRow } from './read-history.ts'

/** How good the answers were, over all labelled rows and over time. */
export function summarise(
  model: Model,
  rows: readonly LabelledRow[],
  bucket: Bucket,
  threshold: number,
): object {
  const isBinary = model.classes.length === 2 && model.hasProba
  const measure = (part: readonly LabelledRow[]): object => {
    if (isBinary) return binaryPerformance(judgedOf(model, part), threshold)
    return model.kind === 'regressor' ? errorsOf(part) : hitsOf(part)
  }
  const judged = isBinary ? judgedOf(model, rows) : []
  const bins = calibration(judged)
  return {
    overall: {
      ...measure(rows),
      ...(isBinary ? { calibrationError: calibrationError(bins) } : {}),
    },
    over_time: [...byTime(rows, bucket)].map(([at, part]) => ({ at, ...measure(part) })),
    ...(isBinary ? { calibration: bins, confusion: confusions(judged) } : {}),
  }
}

/** Positive is the second class; `1`, `1.0` and `true` are the same. */
function judgedOf(model: Model, rows: readonly LabelledRow[]): Judged[] {
  const positive = keyOf(model.classes[1]!)
  return rows.flatMap(({ proba, trueClass }) =>
    proba === null ? [] : [{ proba, isPositive: keyOf(trueClass) === positive }],
  )
}

function hitsOf(rows: readonly LabelledRow[]): object {
  const hits = rows.filter((row) => keyOf(row.predicted) === keyOf(row.trueClass)).length
  return { n: rows.length, accuracy: rows.length === 0 ? null : hits / rows.length }
}

function errorsOf(rows: readonly LabelledRow[]): object {
  const errors = rows.map((row) => Number(row.predicted) - Number(row.trueClass))
  const mean = (values: readonly number[]): number | null =>
    values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = mean(errors.map((error) => error * error))
  return {
    n: rows.length,
    meanAbsoluteError: mean(errors.map(Math.abs)),
    rootMeanSquareError: squares === null ? null : Math.sqrt(squares),
  }
}

function byTime(rows: readonly LabelledRow[], bucket: Bucket): Map<string, LabelledRow[]> {
  const parts = new Map<string, LabelledRow[]>()
  for (const row of rows.toReversed()) {
    const at = startOf(row.createdAt, bucket).toISOString()
    const part = parts.get(at)
    if (part === undefined) parts.set(at, [row])
    else part.push(row)
  }
  return parts
}

/** The same boundaries as PostgreSQL's date_trunc in UTC: weeks start on Monday. */
export function startOf(time: Date, bucket: Bucket): Date {
  const start = new Date(time)
  start.setUTCMinutes(0, 0, 0)
  if (bucket === 'hour') return start
  start.setUTCHours(0)
  if (bucket === 'week') start.setUTCDate(start.getUTCDate() - ((start.getUTCDay() + 6) % 7))
  return start
}
