import type { Pool } from '@hokku/kit/postgres'
import { createHash } from 'node:crypto'

/** A statement with a name, under which each connection parses and plans it once. */
export type Statement = Readonly<{ name: string; text: string }>

/** @param text names no value but parameters: it is kept as long as the connection */
export const statement = (text: string): Statement => ({
  name: `psiturk_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`,
  text,
})

/** Runs a statement by its name; by its text where names do not last. */
export async function run<Row extends object>(
  pool: Pool,
  { name, text }: Statement,
  values: readonly unknown[],
): Promise<Row[]> {
  const isNamed = areNamesKept
  try {
    const query = { text, values: [...values], ...(isNamed && { name }) }
    return (await pool.query<Row>(query)).rows
  } catch (error) {
    if (!isNamed || !isNameLost(error)) throw error
    areNamesKept = false
    return run(pool, { name, text }, values)
  }
}

/**
 * A pooler between us and the server may give each transaction another connection, where a name is
 * unknown or taken. Both fail before anything is done.
 */
let areNamesKept = true

const isNameLost = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === UNKNOWN_NAME || error.code === TAKEN_NAME)

const UNKNOWN_NAME = '26000'
const TAKEN_NAME = '42P05'
