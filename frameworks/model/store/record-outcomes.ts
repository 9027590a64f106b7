import type { Database } from './database.ts'
import type { Cell } from '../frames/cell.ts'
import { predictionOf, type Prediction, type PredictionRow } from './prediction.ts'
import { stringifyExactly } from '@hokku/kit/exact-json'

export type Outcome = Readonly<{ observationId: string; trueClass: Cell }>

/**
 * Records true classes and their history in one statement.
 *
 * @param outcomes no two for the same id
 * @returns the predictions as they stand now; undefined for ids without a prediction
 */
export async function recordOutcomes(
  database: Database,
  outcomes: readonly Outcome[],
): Promise<(Prediction | undefined)[]> {
  // Without a name it is planned for the table as it is now; a plan from its first minute reads all of it.
  const { rows } = await database.query<PredictionRow>(RECORD, [
    outcomes.map(({ observationId }) => observationId),
    outcomes.map(({ trueClass }) => (trueClass === null ? null : stringifyExactly(trueClass))),
  ])
  const found = new Map(rows.map((row) => [row.observation_id, predictionOf(row)]))
  return outcomes.map(({ observationId }) => found.get(observationId))
}

const RECORD = `
with updated as (
  update model_predictions as p
  set true_class = new.true_class, updated_at = now()
  from unnest($1::text[], $2::text[]) as new (observation_id, true_class)
  where p.observation_id = new.observation_id
  returning p.*
), history as (
  insert into model_outcomes (prediction_id, true_class) select id, true_class from updated
)
select * from updated`
