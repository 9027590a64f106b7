import type { Pool } from '@hokku/postgres'
import { randomBytes } from 'node:crypto'
import type { Tables } from './tables.ts'

/** A personal link: who has it takes part as this worker, once. */
export type Link = Readonly<{ worker: string; assignment: string; label: string; createdAt: Date }>

export async function createLinks(
  pool: Pool,
  tables: Tables,
  labels: readonly string[],
): Promise<void> {
  await pool.query(
    `insert into experiment_links (study, worker, assignment, label)
     select $1, * from unnest($2::text[], $3::text[], $4::text[])`,
    [tables.study, labels.map(() => newLinkId('L')), labels.map(() => newLinkId('A')), labels],
  )
}

/** Long enough that no one finds one by trying. */
export const newLinkId = (prefix: string): string => prefix + randomBytes(12).toString('hex')

export async function findLink(
  pool: Pool,
  tables: Tables,
  worker: string,
): Promise<Link | undefined> {
  const { rows } = await pool.query<Link>(
    `select worker, assignment, label, created_at as "createdAt" from experiment_links
     where study = $1 and worker = $2`,
    [tables.study, worker],
  )
  return rows[0]
}

/** All links with the status of who used them; null: no one yet. */
export async function listLinks(
  pool: Pool,
  tables: Tables,
): Promise<(Link & Readonly<{ status: number | null }>)[]> {
  const { rows } = await pool.query<Link & { status: number | null }>(
    `select l.worker, l.assignment, l.label, l.created_at as "createdAt", a.status
     from experiment_links l left join ${tables.assignments} a on a.uniqueid = l.worker || ':' || l.assignment
     where l.study = $1 order by l.created_at, l.label, l.worker limit 5000`,
    [tables.study],
  )
  return rows
}
