import { join } from 'node:path'
import { createBatcher, type Batcher } from '@hokku/kit/batcher'
import { isDataFault, migrate, openPool } from '@hokku/postgres'
import { reasonOf } from '@hokku/kit/problem'
import { problem } from '../problems.ts'
import { createDatabase, type Database } from './database.ts'
import { insertPredictions, type Inserted } from './insert-predictions.ts'
import type { NewPrediction, Prediction } from './prediction.ts'
import { recordOutcomes, type Outcome } from './record-outcomes.ts'

/** The prediction log: every promise it keeps resolves after the commit. */
export type Store = Readonly<{
  database: Database
  predictions: Batcher<NewPrediction, Inserted>
  outcomes: Batcher<Outcome, Prediction | undefined>
  close: () => Promise<void>
}>

/** Opens the database, brings its tables up to date, and gathers writes into batches. */
export async function openStore(url: string, connectionsMax: number): Promise<Store> {
  const pool = openPool(url, {
    max: connectionsMax,
    applicationName: 'model-server',
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  })
  await migrate(pool, 'model', MIGRATIONS).catch(async (error: unknown) => {
    await pool.end()
    throw unusable(error)
  })
  const database = createDatabase(pool)
  const predictions = createBatcher<NewPrediction, Inserted>({
    run: (items) => insertPredictions(database, items),
    keyOf: ({ observationId }) => observationId.text,
    ...WRITE_LIMITS,
  })
  const outcomes = createBatcher<Outcome, Prediction | undefined>({
    run: (items) => recordOutcomes(database, items),
    keyOf: ({ observationId }) => observationId,
    ...WRITE_LIMITS,
  })
  return {
    database,
    predictions,
    outcomes,
    close: async () => {
      await Promise.all([predictions.idle(), outcomes.idle()])
      await pool.end()
    },
  }
}

const MIGRATIONS = join(import.meta.dirname, '../migrations')

/** At the start no one waits for an answer: it may as well end with what the database says. */
const unusable = (cause: unknown): Error =>
  problem(
    'database_unavailable',
    `The database of DATABASE_URL cannot be used: ${reasonOf(cause)}`,
    {
      cause,
      hint: 'Check that it runs and that the address has its host, port, user and password.',
    },
  )

/** Batches of 500 stay below the statement sizes where PostgreSQL's parser shows. */
const WRITE_LIMITS = {
  itemsMax: 500,
  concurrency: 2,
  waitingMax: 20_000,
  isItemFault: isDataFault,
  whenFull: () => problem('overloaded', 'Too many writes are waiting. Try again in a moment.'),
}
const STATEMENT_TIMEOUT_MS = 30_000
