import type { Pool } from '@hokku/postgres'
import type { Tables } from './tables.ts'

/** HITs that this study created. */
export async function ownHits(pool: Pool, tables: Tables): Promise<Set<string>> {
  const { rows } = await pool.query<{ hitid: string }>(`select hitid from ${tables.hits}`)
  return new Set(rows.map((row) => row.hitid))
}

export async function rememberHit(pool: Pool, tables: Tables, hitId: string): Promise<void> {
  await pool.query(`insert into ${tables.hits} (hitid) values ($1) on conflict do nothing`, [hitId])
}

/** @returns how many HIT ids of participants were new to the list */
export async function rememberParticipantsHits(pool: Pool, tables: Tables): Promise<number> {
  const { rowCount } = await pool.query(
    `insert into ${tables.hits} (hitid)
     select distinct hitid from ${tables.assignments} where mode <> 'debug' and hitid not like 'debug%'
     on conflict do nothing`,
  )
  return rowCount ?? 0
}
