import type { Pool, PoolClient } from '@hokku/postgres'
import { createHash } from 'node:crypto'

/** A statement with a name, under which each connection parses and plans it once. */
export type Statement = Readonly<{ name: string; text: string }>

/** @param text names no value but parameters: it is kept as long as the connection */
export const statement = (text: string): Statement => ({
  name: `psiturk_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`,
  text,
})

/** Runs a statement by its name; by its text where names do not last. */
export const run = <Row extends object>(
  pool: Pool,
  statement: Statement,
  values: readonly unknown[],
): Promise<Row[]> => evenWithoutNames(() => runOn<Row>(pool, statement, values))

/** The same inside of a transaction, all of which goes into `evenWithoutNames`. */
export async function runOn<Row extends object>(
  connection: Pick<PoolClient, 'query'>,
  { name, text }: Statement,
  values: readonly unknown[],
): Promise<Row[]> {
  const query = { text, values: [...values], ...(areNamesKept && { name }) }
  return (await connection.query<Row>(query)).rows
}

/**
 * Does the work again if the name of a statement was lost: a pooler between us and the server may
 * give each transaction another connection, where a name is unknown or taken.
 */
export async function evenWithoutNames<Result>(work: () => Promise<Result>): Promise<Result> {
  const wereNamesKept = areNamesKept
  try {
    return await work()
  } catch (error) {
    if (!wereNamesKept || !isNameLost(error)) throw error
    areNamesKept = false
    return work()
  }
}

let areNamesKept = true

const isNameLost = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === UNKNOWN_NAME || error.code === TAKEN_NAME)

const UNKNOWN_NAME = '26000'
const TAKEN_NAME = '42P05'
