import type { Database } from './database.ts'
import {
  predictionOf,
  type NewPrediction,
  type Prediction,
  type PredictionRow,
} from './prediction.ts'
import { stringifyExactly } from '@hokku/kit/exact-json'

/** A prediction with the row it got, or the row that had its id before. */
export type Inserted = Readonly<{ isNew: boolean; prediction: Prediction }>

/**
 * Records predictions in one statement, which is one transaction. Ids that exist already are left
 * untouched and answered with what is stored.
 *
 * @param predictions no two with the same id
 */
export async function insertPredictions(
  database: Database,
  predictions: readonly NewPrediction[],
): Promise<Inserted[]> {
  const { rows } = await database.query<InsertedRow>({
    name: 'insert-predictions',
    text: INSERT,
    values: [
      predictions.map(({ observationId }) => observationId.text),
      predictions.map(({ observationId }) => observationId.isInteger),
      predictions.map(({ raw }) => raw),
      predictions.map(({ proba }) => proba),
      predictions.map(({ probabilities }) =>
        probabilities === null ? null : `{${probabilities.join(',')}}`,
      ),
      predictions.map(({ predicted }) => stringifyExactly(predicted)),
      predictions.map(({ modelVersion }) => modelVersion),
      predictions.map(({ source }) => source),
      predictions.map(({ latencyUs }) => latencyUs),
    ],
  })
  const created = new Map(rows.map((row) => [row.observation_id, row]))
  const missing = predictions.filter(({ observationId }) => !created.has(observationId.text))
  const stored =
    missing.length === 0 ? new Map<string, Prediction>() : await existing(database, missing)
  return predictions.map((prediction) => insertedOf(prediction, created, stored))
}

type InsertedRow = Pick<PredictionRow, 'id' | 'observation_id' | 'created_at'>

const INSERT = `
insert into model_predictions (observation_id, id_is_integer, raw, proba, probabilities, predicted,
  model_version, source, latency_us)
select observation_id, id_is_integer, raw, proba, probabilities::double precision[], predicted,
  model_version, source, latency_us
from unnest($1::text[], $2::boolean[], $3::text[], $4::double precision[], $5::text[], $6::text[],
  $7::text[], $8::text[], $9::integer[])
  as new (observation_id, id_is_integer, raw, proba, probabilities, predicted, model_version, source,
  latency_us)
on conflict (observation_id) do nothing
returning id, observation_id, created_at`

async function existing(
  database: Database,
  predictions: readonly NewPrediction[],
): Promise<Map<string, Prediction>> {
  const { rows } = await database.query<PredictionRow>(
    'select * from model_predictions where observation_id = any($1)',
    [predictions.map(({ observationId }) => observationId.text)],
  )
  return new Map(rows.map((row) => [row.observation_id, predictionOf(row)]))
}

function insertedOf(
  prediction: NewPrediction,
  created: ReadonlyMap<string, InsertedRow>,
  stored: ReadonlyMap<string, Prediction>,
): Inserted {
  const row = created.get(prediction.observationId.text)
  if (row === undefined) {
    const before = stored.get(prediction.observationId.text)
    // Neither new nor there: it was deleted by hand between the two statements.
    if (before === undefined) throw new Error('a prediction was neither stored nor found')
    return { isNew: false, prediction: before }
  }
  const at = row.created_at
  return {
    isNew: true,
    prediction: {
      ...prediction,
      id: Number(row.id),
      trueClass: null,
      createdAt: at,
      updatedAt: at,
    },
  }
}
