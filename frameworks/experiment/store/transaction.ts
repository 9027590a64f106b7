import type { Pool, PoolClient } from '@hokku/postgres'
import { createHash } from 'node:crypto'

/**
 * Runs `work` in one transaction; commits when it returns, rolls back when it throws.
 *
 * @param lock number of a lock that only one transaction holds at a time; taken on the way
 */
export async function inTransaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
  lock?: bigint,
): Promise<Result> {
  const client = await pool.connect()
  let isBroken = false
  try {
    // On a pipelined connection the first statement of `work` does not wait for an answer to these.
    const [begun, worked] = await Promise.allSettled([
      client.query(lock === undefined ? 'begin' : `begin; select pg_advisory_xact_lock(${lock})`),
      work(client),
    ])
    if (begun.status === 'rejected') throw begun.reason
    if (worked.status === 'rejected') throw worked.reason
    await client.query('commit')
    return worked.value
  } catch (error) {
    await client.query('rollback').catch(() => (isBroken = true))
    throw error
  } finally {
    client.release(isBroken)
  }
}

/** The number of a lock by its name. */
export const lockOf = (name: string): bigint =>
  createHash('sha256').update(name).digest().readBigInt64BE()

/** A time as the original stores it: UTC without a zone. */
export const utcText = (time: Date): string => time.toISOString().replace('T', ' ').replace('Z', '')
