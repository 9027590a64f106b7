import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pool } from 'pg'

/**
 * Brings a database to the newest of the numbered migrations in `directory` (`0001-name.sql`, …),
 * each in the order of its number and exactly once. Several processes may start at once: an
 * advisory lock lets one work while the others wait.
 *
 * @param product whose migrations these are, e.g. `engine`; products share a database in peace
 */
export async function migrate(pool: Pool, product: string, directory: string): Promise<void> {
  const files = (await readdir(directory)).filter((file) => /^\d{4}-.*\.sql$/.test(file)).toSorted()
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    await client.query(`create table if not exists hokku_migrations (
      product text not null, name text not null, applied_at timestamptz not null default now(),
      primary key (product, name))`)
    const applied = await client.query<{ name: string }>(
      'select name from hokku_migrations where product = $1',
      [product],
    )
    const done = new Set(applied.rows.map((row) => row.name))
    for (const file of files.filter((name) => !done.has(name))) {
      await client.query(await readFile(join(directory, file), 'utf8'))
      await client.query('insert into hokku_migrations (product, name) values ($1, $2)', [
        product,
        file,
      ])
    }
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  } finally {
    client.release()
  }
}

/** Any constant that no other program is likely to lock; "hokku" in ASCII. */
const MIGRATION_LOCK = 0x68_6f_6b_6b
