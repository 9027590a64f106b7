import type { Pool, PoolClient } from '@hokku/kit/postgres'

/** Runs `work` in one transaction; commits when it returns, rolls back when it throws. */
export async function inTransaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  let isBroken = false
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => (isBroken = true))
    throw error
  } finally {
    client.release(isBroken)
  }
}

/** A time as the original stores it: UTC without a zone. */
export const utcText = (time: Date): string => time.toISOString().replace('T', ' ').replace('Z', '')
