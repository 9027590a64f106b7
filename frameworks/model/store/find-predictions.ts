import type { Database } from './database.ts'
import { parseCell, type Cell } from '../frames/cell.ts'
import { predictionOf, type Prediction, type PredictionRow } from './prediction.ts'

export type OutcomeReport = Readonly<{ trueClass: Cell; receivedAt: Date }>

/** One prediction with every outcome that was reported for it, oldest first. */
export async function findPrediction(
  database: Database,
  observationId: string,
): Promise<{ prediction: Prediction; outcomes: OutcomeReport[] } | undefined> {
  const { rows } = await database.query<PredictionRow>(
    'select * from model_predictions where observation_id = $1',
    [observationId],
  )
  if (rows[0] === undefined) return undefined
  const history = await database.query<{ true_class: string | null; received_at: Date }>(
    'select true_class, received_at from model_outcomes where prediction_id = $1 order by id',
    [rows[0].id],
  )
  return {
    prediction: predictionOf(rows[0]),
    outcomes: history.rows.map((row) => ({
      trueClass: row.true_class === null ? null : parseCell(row.true_class),
      receivedAt: row.received_at,
    })),
  }
}

export type ListOptions = Readonly<{
  limit: number
  /** Only rows whose own id is larger. */
  after: number
  since?: Date | undefined
  labelledOnly?: boolean
}>

/** Predictions in the order in which they were stored. */
export async function listPredictions(
  database: Database,
  options: ListOptions,
): Promise<Prediction[]> {
  const { rows } = await database.query<PredictionRow>(
    `select * from model_predictions
     where id > $1 and ($2::timestamptz is null or created_at >= $2)
       and (not $3::boolean or true_class is not null)
     order by id limit $4`,
    [options.after, options.since ?? null, options.labelledOnly ?? false, options.limit],
  )
  return rows.map(predictionOf)
}
