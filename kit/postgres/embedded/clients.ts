import pg from 'pg'

/** Whether a server answers a query, rather than just holding its port. */
export async function answers(adminUrl: string): Promise<boolean> {
  try {
    await withAdmin(adminUrl, (client) => client.query('select 1'))
    return true
  } catch (error) {
    // Too many connections, or a password that somebody changed: an answer all the same.
    return error instanceof pg.DatabaseError && error.code !== SHUTTING_DOWN
  }
}

const SHUTTING_DOWN = '57P03'

/** How many client connections a server has, besides the one that asks. */
export async function countClients(adminUrl: string): Promise<number> {
  return withAdmin(adminUrl, async (client) => {
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity
       where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    )
    return rows[0]?.count ?? 0
  })
}

/** Runs `work` on one connection of the superuser. */
export async function withAdmin<T>(
  adminUrl: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: adminUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'hokku admin',
  })
  // A server that stops meanwhile fails the query; without a listener it would end the process.
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const CONNECT_TIMEOUT_MS = 10_000
