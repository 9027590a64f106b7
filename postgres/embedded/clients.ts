import pg from 'pg'
import { withClient } from '../client.ts'

/** Whether a server answers a query, rather than just holding its port. */
export async function answers(adminUrl: string): Promise<boolean> {
  try {
    await withClient(adminUrl, (client) => client.query('select 1'))
    return true
  } catch (error) {
    // Too many connections, or a password that someone changed: an answer all the same.
    return error instanceof pg.DatabaseError && error.code !== SHUTTING_DOWN
  }
}

const SHUTTING_DOWN = '57P03'

/** How many client connections a server has, besides the one that asks. */
export async function countClients(adminUrl: string): Promise<number> {
  return withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity
       where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    )
    return rows[0]?.count ?? 0
  })
}
