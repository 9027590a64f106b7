import type { Model } from '../bundle/model.ts'
import { keyOf, type Cell } from '../frames/cell.ts'
import { binaryPerformance, calibration, confusions, type Judged } from './binary-performance.ts'
import type { LabelledRow, WindowRow } from './read-history.ts'
import { isPartial, startOfWindow, type Window } from './window.ts'

/** A prediction beside what became of it. */
export type Answered = Readonly<{ proba: number | null; predicted: Cell; trueClass: Cell }>

/** How good answers were: of two classes by probability, of more by hits, of numbers by distance. */
export function measure(model: Model, rows: readonly Answered[], threshold: number): object {
  if (isBinary(model)) return binaryPerformance(judgedOf(model, rows), threshold)
  return model.kind === 'regressor' ? errorsOf(rows) : hitsOf(rows)
}

/** Quality over all outcomes and window by window, as it goes over the wire. */
export function performanceOf(
  model: Model,
  rows: readonly LabelledRow[],
  windows: readonly WindowRow[],
  options: Readonly<{ window: Window; threshold: number; now: Date }>,
): object {
  const { window, threshold, now } = options
  const parts = Map.groupBy(rows, (row) => row.key)
  const judged = isBinary(model) ? judgedOf(model, rows) : undefined
  return {
    overall: measure(model, rows, threshold),
    windows: windows.map((row) => ({
      from: startOfWindow(window, row.from).toISOString(),
      to: row.to.toISOString(),
      is_partial: isPartial(window, row, now),
      count: row.count,
      labelled: row.labelled,
      labelled_share: row.labelled / row.count,
      ...(isBinary(model)
        ? { mean_proba: row.meanProba, expected_accuracy: row.expectedAccuracy }
        : {}),
      ...measure(model, parts.get(row.key) ?? [], threshold),
    })),
    ...(judged === undefined
      ? {}
      : { calibration: calibration(judged), confusion: confusions(judged) }),
  }
}

const isBinary = (model: Model): boolean => model.classes.length === 2 && model.hasProba

/** Positive is the second class; `1`, `1.0` and `true` are the same. */
function judgedOf(model: Model, rows: readonly Answered[]): Judged[] {
  const positive = keyOf(model.classes[1]!)
  const judged: Judged[] = []
  for (const { proba, trueClass } of rows) {
    if (proba !== null) judged.push({ proba, isPositive: keyOf(trueClass) === positive })
  }
  return judged
}

function hitsOf(rows: readonly Answered[]): object {
  const hits = rows.filter((row) => keyOf(row.predicted) === keyOf(row.trueClass)).length
  return { n: rows.length, accuracy: rows.length === 0 ? null : hits / rows.length }
}

function errorsOf(rows: readonly Answered[]): object {
  const errors = rows.map((row) => Number(row.predicted) - Number(row.trueClass))
  const mean = (values: readonly number[]): number | null =>
    values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = mean(errors.map((error) => error * error))
  return {
    n: rows.length,
    mean_absolute_error: mean(errors.map(Math.abs)),
    root_mean_square_error: squares === null ? null : Math.sqrt(squares),
  }
}
