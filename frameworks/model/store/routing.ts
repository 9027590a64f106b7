import type { Database } from './database.ts'

/** Which version answers, which ones are asked on the side. */
export type Routing = Readonly<{
  /** Undefined: the version in the folder itself. */
  active: string | undefined
  previous: string | undefined
  shadows: readonly string[]
  canary: string | undefined
  /** Share of ids that the canary answers, 0 to 1. */
  canaryShare: number
}>

type Row = {
  active: string | null
  previous: string | null
  shadows: string[]
  canary: string | null
  canary_share: number
}

export async function readRouting(database: Database): Promise<Routing> {
  const { rows } = await database.query<Row>('select * from model_routing')
  const row = rows[0]
  return {
    active: row?.active ?? undefined,
    previous: row?.previous ?? undefined,
    shadows: row?.shadows ?? [],
    canary: row?.canary ?? undefined,
    canaryShare: row?.canary_share ?? 0,
  }
}

/**
 * The version that answered before is remembered for a rollback. What was tried before it answers
 * is tried no longer.
 */
export async function activateVersion(
  database: Database,
  version: string,
  current: string,
): Promise<void> {
  await database.query(
    `update model_routing set active = $1, previous = $2, shadows = array_remove(shadows, $1),
       canary = nullif(canary, $1), changed_at = now() where $1 <> $2`,
    [version, current],
  )
}

/** @returns whether there was room for it among at most `most` */
export async function addShadow(
  database: Database,
  version: string,
  most: number,
): Promise<boolean> {
  const { rows } = await database.query(
    `update model_routing set shadows = array_append(array_remove(shadows, $1), $1), changed_at = now()
     where cardinality(array_remove(shadows, $1)) < $2 returning 1`,
    [version, most],
  )
  return rows.length > 0
}

export async function removeShadow(database: Database, version: string): Promise<void> {
  await database.query(
    'update model_routing set shadows = array_remove(shadows, $1), changed_at = now()',
    [version],
  )
}

/** @param share of ids that it answers, 0 to 1 */
export async function setCanary(database: Database, version: string, share: number): Promise<void> {
  await database.query(
    'update model_routing set canary = $1, canary_share = $2, changed_at = now()',
    [version, share],
  )
}

export async function removeCanary(database: Database, version: string): Promise<void> {
  await database.query(
    'update model_routing set canary = null, canary_share = 0, changed_at = now() where canary = $1',
    [version],
  )
}

/** Records what another version would have answered. */
export async function insertShadowScores(
  database: Database,
  scores: readonly {
    predictionId: number
    version: string
    proba: number | null
    predicted: string
  }[],
): Promise<void> {
  await database.query(
    `insert into model_shadow_scores (prediction_id, model_version, proba, predicted)
     select * from unnest($1::bigint[], $2::text[], $3::double precision[], $4::text[])
     on conflict do nothing`,
    [
      scores.map((score) => score.predictionId),
      scores.map((score) => score.version),
      scores.map((score) => score.proba),
      scores.map((score) => score.predicted),
    ],
  )
}
