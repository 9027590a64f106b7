import type { Pool } from '@hokku/postgres'
import type { Tables } from './tables.ts'

export type Job = Readonly<{
  id: string
  name: string
  done: number
  total: number
  outcomes: readonly unknown[]
  startedAt: Date
  endedAt: Date | null
  /** Its process ended before it did. */
  isLost: boolean
}>

/** Outcomes that are kept of one job. */
const OUTCOMES_MAX = 1000

export async function beginJob(
  pool: Pool,
  tables: Tables,
  name: string,
  total: number,
): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    'insert into experiment_jobs (study, name, total) values ($1, $2, $3) returning id',
    [tables.study, name, total],
  )
  return rows[0]?.id ?? ''
}

export async function noteOutcome(pool: Pool, id: string, outcome: unknown): Promise<void> {
  await pool.query(
    `update experiment_jobs set done = done + 1, seen_at = now(),
       outcomes = case when jsonb_array_length(outcomes) < $3 then outcomes || $2::jsonb else outcomes end
     where id = $1`,
    [id, JSON.stringify([outcome]), OUTCOMES_MAX],
  )
}

export async function endJob(pool: Pool, id: string): Promise<void> {
  await pool.query('update experiment_jobs set ended_at = now() where id = $1', [id])
}

/** The newest jobs of a study. */
export async function listJobs(pool: Pool, tables: Tables, limit = 10): Promise<Job[]> {
  const { rows } = await pool.query<Job>(
    `select id, name, done, total, outcomes, started_at as "startedAt", ended_at as "endedAt",
       ended_at is null and seen_at < now() - interval '5 minutes' as "isLost"
     from experiment_jobs where study = $1 order by started_at desc limit $2`,
    [tables.study, limit],
  )
  return rows
}
