import { codeOf } from '@hokku/kit/error-code'
import type { Pool } from '@hokku/postgres'
import { problem } from '../problems.ts'

/** What the store asks of PostgreSQL: one statement, which is one transaction. */
export type Database = Readonly<{
  /** @throws Problem `database_unavailable` if no server is there to answer */
  query: <Row extends object>(
    statement: Statement,
    values?: readonly unknown[],
  ) => Promise<{ rows: Row[] }>
}>
export type Statement = string | Readonly<{ name: string; text: string; values: unknown[] }>

/** The database behind a pool. Statements that deadlocked were rolled back and are run again. */
export function createDatabase(pool: Pick<Pool, 'query'>): Database {
  const run = async <Row extends object>(
    statement: Statement,
    values: readonly unknown[] | undefined,
    attempt: number,
  ): Promise<{ rows: Row[] }> => {
    try {
      return typeof statement === 'string'
        ? await pool.query<Row>(statement, values === undefined ? [] : [...values])
        : await pool.query<Row>(statement)
    } catch (error) {
      if (codeOf(error) === DEADLOCK && attempt < ATTEMPTS_MAX) {
        return await run(statement, values, attempt + 1)
      }
      throw isUnavailable(error) ? unavailable(error) : error
    }
  }
  return { query: (statement, values) => run(statement, values, 1) }
}

/** Two batches that name the same ids in different order; one of them always gets through. */
const DEADLOCK = '40P01'
const ATTEMPTS_MAX = 5

/**
 * Whether the server is away, starting, stopping, full or too slow: it works again without anyone
 * changing the request. `pg` gives no code to a connection that broke under a statement.
 */
function isUnavailable(error: unknown): boolean {
  const code = codeOf(error)
  if (code !== undefined) return UNAVAILABLE.test(code)
  return error instanceof Error && /connection|timeout/i.test(error.message)
}

/**
 * Node's codes for connections; PostgreSQL's classes 08, 53, 57P, a statement's time limit, and a
 * login that is refused or a database that is gone, as while credentials are rotated.
 */
const UNAVAILABLE = /^(E[A-Z]+|08\w{3}|28\w{3}|3D000|53\w{3}|57P0\d|57014)$/

const unavailable = (cause: unknown): Error =>
  problem('database_unavailable', 'The database does not answer at the moment.', {
    cause,
    hint: 'Send the request again: what was not acknowledged may be stored or not, and is stored once at most.',
  })
