import type { Database } from '../store/database.ts'
import type { Cell } from '../frames/cell.ts'

export type Bucket = 'hour' | 'day' | 'week'
export type Volume = Readonly<{ at: string; count: number; labelled: number }>
export type LabelledRow = Readonly<{
  createdAt: Date
  proba: number | null
  predicted: Cell
  trueClass: Cell
}>
export type Totals = Readonly<{
  rows: number
  labelled: number
  first: Date | null
  last: Date | null
}>

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
  const row = rows[0]!
  return {
    rows: Number(row.rows),
    labelled: Number(row.labelled),
    first: row.first,
    last: row.last,
  }
}

/** The calendar step that gives a readable number of points. */
export function bucketOf({ first, last }: Totals): Bucket {
  const days = first === null || last === null ? 0 : (last.getTime() - first.getTime()) / 86_400_000
  if (days <= 4) return 'hour'
  return days <= 180 ? 'day' : 'week'
}

export async function readVolume(
  database: Database,
  bucket: Bucket,
  version: string | undefined,
): Promise<Volume[]> {
  const { rows } = await database.query<{ at: Date; count: string; labelled: string }>(
    `select date_trunc($1, created_at, 'UTC') as at, count(*) as count, count(true_class) as labelled
     from model_predictions where $2::text is null or model_version = $2 group by 1 order by 1`,
    [bucket, version ?? null],
  )
  return rows.map((row) => ({
    at: row.at.toISOString(),
    count: Number(row.count),
    labelled: Number(row.labelled),
  }))
}

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

/** The newest predictions whose outcome is known. */
export async function readLabelled(
  database: Database,
  version: string | undefined,
): Promise<LabelledRow[]> {
  const { rows } = await database.query<{
    created_at: Date
    proba: number | null
    predicted: string
    true_class: string
  }>(
    `select created_at, proba, predicted, true_class from model_predictions
     where true_class is not null and ($1::text is null or model_version = $1)
     order by id desc limit $2`,
    [version ?? null, LABELLED_MAX],
  )
  return rows.map((row) => ({
    createdAt: row.created_at,
    proba: row.proba,
    predicted: JSON.parse(row.predicted) as Cell,
    trueClass: JSON.parse(row.true_class) as Cell,
  }))
}

/** Enough for any curve; more would only cost memory. */
export const LABELLED_MAX = 200_000

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
