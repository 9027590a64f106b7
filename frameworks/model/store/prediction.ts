import { parseCell, type Cell } from '../frames/cell.ts'

/** The id that a caller gives an observation: an integer or a text, kept as a text. */
export type ObservationId = Readonly<{ text: string; isInteger: boolean }>

/** A prediction about to be recorded. */
export type NewPrediction = Readonly<{
  observationId: ObservationId
  /** The request as it came. */
  raw: string
  /** Of the second class of two, of the chosen class of more; null where there is none. */
  proba: number | null
  /** One number a class, for three classes and more. */
  probabilities: readonly number[] | null
  predicted: Cell
  modelVersion: string
  source: 'web' | 'batch'
  latencyUs: number
}>

/** A prediction as it stands in the database. */
export type Prediction = NewPrediction &
  Readonly<{ id: number; trueClass: Cell; createdAt: Date; updatedAt: Date }>

export type PredictionRow = {
  id: string
  observation_id: string
  id_is_integer: boolean
  raw: string
  proba: number | null
  probabilities: number[] | null
  predicted: string
  true_class: string | null
  model_version: string
  source: 'web' | 'batch'
  latency_us: number
  created_at: Date
  updated_at: Date
}

export const predictionOf = (row: PredictionRow): Prediction => ({
  id: Number(row.id),
  observationId: { text: row.observation_id, isInteger: row.id_is_integer },
  raw: row.raw,
  proba: row.proba,
  probabilities: row.probabilities,
  predicted: parseCell(row.predicted),
  trueClass: row.true_class === null ? null : parseCell(row.true_class),
  modelVersion: row.model_version,
  source: row.source,
  latencyUs: row.latency_us,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})
