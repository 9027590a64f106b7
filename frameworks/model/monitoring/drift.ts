import { keyOf, type Cell } from '../frames/cell.ts'
import { stringifyExactly } from '@hokku/kit/exact-json'

export type ColumnDrift = Readonly<{
  column: string
  kind: 'number' | 'category'
  /** Population stability index; below 0.1 little, above 0.25 much has changed. */
  psi: number | null
  /** Largest distance of the two distributions; numbers only. */
  ks: number | null
  missing_before: number | null
  missing_now: number | null
  /** Share of present values that the reference never had; categories only. */
  unseen: number | null
  verdict: 'steady' | 'changing' | 'changed' | 'too few rows'
}>

/** Compares a column's recent values with those of a reference. */
export function columnDrift(
  column: string,
  isNumber: boolean,
  before: readonly unknown[],
  now: readonly unknown[],
): ColumnDrift {
  const present = { before: presentValues(before, isNumber), now: presentValues(now, isNumber) }
  const psi = isNumber
    ? numberPsi(present.before as number[], present.now as number[])
    : categoryPsi(present.before, present.now)
  const missing = [shareMissing(before, present.before), shareMissing(now, present.now)] as const
  return {
    column,
    kind: isNumber ? 'number' : 'category',
    psi,
    ks: isNumber ? distance(present.before as number[], present.now as number[]) : null,
    missing_before: missing[0],
    missing_now: missing[1],
    unseen: isNumber ? null : unseenShare(present.before, present.now),
    verdict: verdictOf(
      Math.max(psi ?? 0, Math.abs((missing[1] ?? 0) - (missing[0] ?? 0))),
      Math.min(before.length, now.length),
    ),
  }
}

/** Below it the index jumps about by chance. */
export const DRIFT_ROWS_MIN = 200

/** @param change the index, or the change of the missing share: a column that stays away has changed too */
function verdictOf(change: number, rows: number): ColumnDrift['verdict'] {
  if (rows < DRIFT_ROWS_MIN) return 'too few rows'
  if (change < 0.1) return 'steady'
  return change < 0.25 ? 'changing' : 'changed'
}

function presentValues(values: readonly unknown[], isNumber: boolean): Cell[] {
  return values.flatMap((value): Cell[] => {
    if (value === null || value === undefined || value === '') return []
    if (!isNumber)
      return [typeof value === 'object' ? stringifyExactly(value) : keyOf(value as Cell)]
    const number = Number(value)
    return Number.isFinite(number) ? [number] : []
  })
}

const shareMissing = (all: readonly unknown[], present: readonly unknown[]): number | null =>
  all.length === 0 ? null : 1 - present.length / all.length

/** Ten bins that hold equal shares of the reference; repeated quantiles fall together. */
function numberPsi(before: readonly number[], now: readonly number[]): number | null {
  if (before.length === 0 || now.length === 0) return null
  const sorted = before.toSorted((a, b) => a - b)
  const edges = [
    ...new Set(
      Array.from(
        { length: BINS - 1 },
        (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / BINS)]!,
      ),
    ),
  ]
  const binOf = (value: number): number => edges.filter((edge) => value >= edge).length
  return stability(countBy(before, binOf), countBy(now, binOf), before.length, now.length)
}

const BINS = 10

function categoryPsi(before: readonly Cell[], now: readonly Cell[]): number | null {
  if (before.length === 0 || now.length === 0) return null
  const same = (value: Cell): Cell => value
  return stability(countBy(before, same), countBy(now, same), before.length, now.length)
}

function countBy<Value, Key>(
  values: readonly Value[],
  keyOfValue: (value: Value) => Key,
): Map<Key, number> {
  const counts = new Map<Key, number>()
  for (const value of values) {
    const key = keyOfValue(value)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}

/** Sum of (q - p) ln(q / p); a bin that one side lacks counts as half a row. */
function stability<Key>(
  before: ReadonlyMap<Key, number>,
  now: ReadonlyMap<Key, number>,
  beforeTotal: number,
  nowTotal: number,
): number {
  let sum = 0
  for (const key of new Set([...before.keys(), ...now.keys()])) {
    const p = (before.get(key) ?? 0.5) / beforeTotal
    const q = (now.get(key) ?? 0.5) / nowTotal
    sum += (q - p) * Math.log(q / p)
  }
  return sum
}

/** Kolmogorov and Smirnov's distance of two samples. */
function distance(before: readonly number[], now: readonly number[]): number | null {
  if (before.length === 0 || now.length === 0) return null
  const [a, b] = [before.toSorted((x, y) => x - y), now.toSorted((x, y) => x - y)]
  let [i, j, largest] = [0, 0, 0]
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i]!, b[j]!)
    while (i < a.length && a[i]! <= value) i++
    while (j < b.length && b[j]! <= value) j++
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length))
  }
  return largest
}

function unseenShare(before: readonly Cell[], now: readonly Cell[]): number | null {
  if (now.length === 0 || before.length === 0) return null
  const known = new Set(before)
  return now.filter((value) => !known.has(value)).length / now.length
}
