import type { Pool } from '@hokku/postgres'
import { problem } from '../problems.ts'
import type { Tables } from './tables.ts'
import { inTransaction } from './transaction.ts'

/** Work that repeats while a server with `do_scheduler` runs. */
export type Task = Readonly<{
  id: string
  name: string
  campaign: number | null
  mode: 'sandbox' | 'live'
  interval_minutes: number
  next_run_at: Date
  last_outcome: string | null
}>

const COLUMNS = 'id, name, campaign, mode, interval_minutes, next_run_at, last_outcome'

export async function listTasks(pool: Pool, tables: Tables): Promise<Task[]> {
  const { rows } = await pool.query<Task>(
    `select ${COLUMNS} from experiment_tasks where study = $1 order by name, id`,
    [tables.study],
  )
  return rows
}

/** @throws Problem `task_invalid` if there is one of this name */
export async function createTask(
  pool: Pool,
  tables: Tables,
  task: Readonly<{ name: string; mode: string; intervalMinutes: number }>,
): Promise<Task> {
  return inTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock(hashtext($1))', [`tasks ${tables.study}`])
    const existing = await client.query(
      'select 1 from experiment_tasks where study = $1 and name = $2',
      [tables.study, task.name],
    )
    if (existing.rows.length > 0)
      throw problem('task_invalid', `There is a task ${task.name} already.`)
    const { rows } = await client.query<Task>(
      `insert into experiment_tasks (study, name, mode, interval_minutes) values ($1, $2, $3, $4) returning ${COLUMNS}`,
      [tables.study, task.name, task.mode, task.intervalMinutes],
    )
    const [created] = rows
    if (created === undefined) throw new Error('the task was not stored')
    return created
  })
}

export async function deleteTask(pool: Pool, tables: Tables, id: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    'delete from experiment_tasks where study = $1 and id = $2',
    [tables.study, id],
  )
  return (rowCount ?? 0) > 0
}

/** Takes the tasks that are due, so that no other process runs them too. */
export async function takeDueTasks(pool: Pool, tables: Tables): Promise<Task[]> {
  const { rows } = await pool.query<Task>(
    `update experiment_tasks set next_run_at = now() + make_interval(mins => interval_minutes)
     where id in (select id from experiment_tasks where study = $1 and next_run_at <= now() for update skip locked)
     returning ${COLUMNS}`,
    [tables.study],
  )
  return rows
}

export async function noteTaskOutcome(pool: Pool, id: string, outcome: string): Promise<void> {
  await pool.query('update experiment_tasks set last_outcome = $2 where id = $1', [id, outcome])
}
