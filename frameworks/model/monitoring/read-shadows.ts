import type { Cell } from '../frames/cell.ts'
import type { Database } from '../store/database.ts'
import { labelReader } from './read-history.ts'

/** What a shadow version said beside what was answered. */
export type ShadowRow = Readonly<{
  proba: number | null
  predicted: Cell
  answeredProba: number | null
  answered: Cell
  trueClass: Cell
}>

/** The newest predictions that a shadow version was asked for too. */
export async function readShadow(database: Database, version: string): Promise<ShadowRow[]> {
  const { rows } = await database.query<{
    proba: number | null
    predicted: string
    answered_proba: number | null
    answered: string
    true_class: string | null
  }>(
    `select s.proba, s.predicted, p.proba as answered_proba, p.predicted as answered, p.true_class
     from model_shadow_scores s join model_predictions p on p.id = s.prediction_id
     where s.model_version = $1 order by s.prediction_id desc limit $2`,
    [version, SHADOW_ROWS_MAX],
  )
  const label = labelReader()
  return rows.map((row) => ({
    proba: row.proba,
    predicted: label(row.predicted),
    answeredProba: row.answered_proba,
    answered: label(row.answered),
    trueClass: row.true_class === null ? null : label(row.true_class),
  }))
}

const SHADOW_ROWS_MAX = 20_000

/** Versions that shadow scores are there of, the newest first. */
export async function readShadowVersions(database: Database): Promise<string[]> {
  const { rows } = await database.query<{ model_version: string }>(
    `select model_version from model_shadow_scores group by 1 order by max(prediction_id) desc limit $1`,
    [SHADOWS_SHOWN_MAX],
  )
  return rows.map((row) => row.model_version)
}

const SHADOWS_SHOWN_MAX = 5
