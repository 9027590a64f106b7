import { parseCell, type Cell } from '../frames/cell.ts'
import type { Database } from '../store/database.ts'
import type { Window } from './window.ts'

export type Totals = Readonly<{
  rows: number
  labelled: number
  first: Date | null
  last: Date | null
}>

/** @param version only predictions of this version; all of them if undefined */
export async function readTotals(database: Database, version: string | undefined): Promise<Totals> {
  const { rows } = await database.query<{
    rows: string
    labelled: string
    first: Date | null
    last: Date | null
  }>(
    `select count(*) as rows, count(true_class) as labelled, min(created_at) as first, max(created_at) as last
     from model_predictions where $1::text is null or model_version = $1`,
    [version ?? null],
  )
  const { first, last, ...counts } = rows[0]!
  return { rows: Number(counts.rows), labelled: Number(counts.labelled), first, last }
}

/** What is known of all predictions in a window, with outcome or without. */
export type WindowRow = Readonly<{
  key: string
  from: Date
  to: Date
  count: number
  labelled: number
  meanProba: number | null
  /** How often the classes would be right if the probabilities were: needs no outcome. */
  expectedAccuracy: number | null
}>

/** The newest windows, oldest first. */
export async function readWindows(
  database: Database,
  window: Window,
  threshold: number,
  version: string | undefined,
): Promise<WindowRow[]> {
  const { rows } = await database.query<{
    key: string
    from: Date
    to: Date
    count: string
    labelled: string
    mean_proba: number | null
    expected_accuracy: number | null
  }>(
    `select key, min(created_at) as from, max(created_at) as to, count(*) as count,
       count(true_class) as labelled, avg(proba) as mean_proba,
       avg(case when proba >= $3 then proba else 1 - proba end) as expected_accuracy
     from (${keyed(window)}) as keyed group by key order by min(id) desc limit $4`,
    [step(window), version ?? null, threshold, WINDOWS_MAX],
  )
  return rows.toReversed().map((row) => ({
    key: row.key,
    from: row.from,
    to: row.to,
    count: Number(row.count),
    labelled: Number(row.labelled),
    meanProba: row.mean_proba,
    expectedAccuracy: row.expected_accuracy,
  }))
}

/** More points than a picture has room for. */
const WINDOWS_MAX = 1000

/** Every prediction with the window it falls into; of so many each, counted from the first one. */
const keyed = (window: Window): string =>
  `select id, created_at, proba, predicted, true_class, (${
    window.by === 'time'
      ? `extract(epoch from date_trunc($1, created_at, 'UTC'))::bigint`
      : '(row_number() over (order by id) - 1) / $1::bigint'
  })::text as key
   from model_predictions where $2::text is null or model_version = $2`

const step = (window: Window): string | number => (window.by === 'time' ? window.unit : window.rows)

export type LabelledRow = Readonly<{
  /** Of the window, as in `WindowRow`. */
  key: string
  proba: number | null
  predicted: Cell
  trueClass: Cell
}>

/** The newest predictions whose outcome is known. */
export async function readLabelled(
  database: Database,
  window: Window,
  version: string | undefined,
): Promise<LabelledRow[]> {
  const { rows } = await database.query<{
    key: string
    proba: number | null
    predicted: string
    true_class: string
  }>(
    `select key, proba, predicted, true_class from (${keyed(window)}) as keyed
     where true_class is not null order by id desc limit $3`,
    [step(window), version ?? null, LABELLED_MAX],
  )
  const label = labelReader()
  return rows.map((row) => ({
    key: row.key,
    proba: row.proba,
    predicted: label(row.predicted),
    trueClass: label(row.true_class),
  }))
}

/** Enough for any curve; more would only cost memory and time that predictions need. */
export const LABELLED_MAX = 100_000

/** Parses labels, each text once: a classifier has few. */
export function labelReader(): (text: string) => Cell {
  const known = new Map<string, Cell>()
  return (text) => {
    const label = known.get(text)
    if (label !== undefined || known.has(text)) return label as Cell
    const parsed = parseCell(text)
    if (known.size < KNOWN_LABELS_MAX) known.set(text, parsed)
    return parsed
  }
}

/** A regressor's are all different. */
const KNOWN_LABELS_MAX = 1000

export type ScoreBin = Readonly<{ from: number; to: number; count: number }>

/** How often each twentieth of the probabilities was answered. */
export async function readScores(
  database: Database,
  version: string | undefined,
): Promise<ScoreBin[]> {
  const { rows } = await database.query<{ bin: number; count: string }>(
    `select least(width_bucket(proba, 0, 1, $1), $1) as bin, count(*) as count from model_predictions
     where proba is not null and ($2::text is null or model_version = $2) group by 1`,
    [SCORE_BINS, version ?? null],
  )
  const counts = new Map(rows.map((row) => [row.bin, Number(row.count)]))
  return Array.from({ length: SCORE_BINS }, (_, i) => ({
    from: i / SCORE_BINS,
    to: (i + 1) / SCORE_BINS,
    count: counts.get(i + 1) ?? 0,
  }))
}

const SCORE_BINS = 20

/** Requests of the oldest or the newest predictions. */
export async function readObservations(
  database: Database,
  which: 'oldest' | 'newest',
  limit: number,
  version: string | undefined,
): Promise<{ id: number; raw: string }[]> {
  const { rows } = await database.query<{ id: string; raw: string }>(
    `select id, raw from model_predictions where $1::text is null or model_version = $1
     order by id ${which === 'oldest' ? 'asc' : 'desc'} limit $2`,
    [version ?? null, limit],
  )
  return rows.map((row) => ({ id: Number(row.id), raw: row.raw }))
}
