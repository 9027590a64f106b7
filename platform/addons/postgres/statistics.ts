import { problem } from '../../store/index.ts'
import type { DatabaseResource } from './schema.ts'
import type { DatabaseServer } from './server.ts'

/** What PostgreSQL counts in one database begins at zero again. */
export async function resetStatistics(
  { database }: DatabaseResource,
  server: DatabaseServer,
): Promise<void> {
  await server.withAdmin(async (client) => {
    await client.query('select pg_stat_reset()')
    const { rows } = await client.query(`select 1 from pg_extension where extname = $1`, [
      'pg_stat_statements',
    ])
    if (rows.length === 0) return
    await client.query(
      'select pg_stat_statements_reset(0, oid, 0) from pg_database where datname = $1',
      [database],
    )
  }, database)
}

/** The setting as new connections find it. */
export async function trackedFunctions(
  { database }: DatabaseResource,
  server: DatabaseServer,
): Promise<string> {
  return await server.withAdmin(async (client) => {
    const { rows } = await client.query<{ value: string }>(
      `select current_setting('track_functions') as value`,
    )
    return rows[0]?.value ?? 'none'
  }, database)
}

/** Only a superuser may: the operator's own server may not let us. */
export async function trackFunctions(
  { database }: DatabaseResource,
  which: string,
  server: DatabaseServer,
): Promise<void> {
  if (!['none', 'pl', 'all'].includes(which)) {
    throw problem('invalid_params', `track-functions is none, pl or all, not ${which}.`)
  }
  await server.withAdmin((client) =>
    client.query(`alter database "${database}" set track_functions = '${which}'`),
  )
}
