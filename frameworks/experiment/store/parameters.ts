import type { Pool } from '@hokku/postgres'
import type { Tables } from './tables.ts'

export type Parameters = Readonly<Record<string, string>>

/** Keeps what a participant's address said at the first visit; later visits change nothing. */
export async function rememberParameters(
  pool: Pool,
  tables: Tables,
  uniqueId: string,
  parameters: Parameters,
): Promise<void> {
  await pool.query(
    `insert into experiment_parameters (study, uniqueid, parameters) values ($1, $2, $3)
     on conflict do nothing`,
    [tables.study, uniqueId, JSON.stringify(parameters)],
  )
}

export async function readParameters(
  pool: Pool,
  tables: Tables,
  uniqueId: string,
): Promise<Parameters> {
  const { rows } = await pool.query<{ parameters: Parameters }>(
    'select parameters from experiment_parameters where study = $1 and uniqueid = $2',
    [tables.study, uniqueId],
  )
  return rows[0]?.parameters ?? {}
}
