import { isDataFault } from '@hokku/postgres'
import { problem } from '../problems.ts'

/** What all queues before the database have in common: batches go one after the other. */
export const WRITE_LIMITS = {
  itemsMax: 200,
  concurrency: 1,
  /** Beyond this the database has stood still for a long time, and waiting longer does not help. */
  waitingMax: 20_000,
  isItemFault: isDataFault,
  whenFull: () =>
    problem('overloaded', 'Too many requests wait for the database. Please try again.'),
} as const
