import type { Pool, PoolClient } from '@hokku/kit/postgres'
import {
  decideArrival,
  uniqueIdOf,
  type ErrorKey,
  type Identity,
  type Row,
} from '../participants/admission.ts'
import { chooseCells, type Cell, type CellCount } from '../participants/cells.ts'
import { FINISHED } from '../participants/status.ts'
import { createBatches, type Batches } from './batches.ts'
import type { Tables } from './tables.ts'
import { inTransaction, utcText } from './transaction.ts'

/** Somebody who opens the experiment, with what is kept about their first request. */
export type Arrival = Identity &
  Readonly<{
    mode: string
    ipAddress: string
    browser: string
    platform: string
    language: string
  }>

export type Admission =
  | Readonly<{ kind: 'admitted'; row: Row; isNew: boolean }>
  | Readonly<{ kind: 'refused'; error: ErrorKey }>

export type ArrivalRules = Readonly<{
  allowRepeats: boolean
  codeVersion: string
  cutoffMinutes: number
  cells: () => Readonly<{ conditions: number; counters: number }>
  /** The study's own assignment; replaces balancing. */
  customCell?: ((mode: string) => Promise<Cell>) | undefined
}>

export type ArrivalEffects = Readonly<{
  pool: Pool
  now: () => Date
  random: (n: number) => number
}>

/**
 * Admits arrivals. Lookup, choice of the condition and insert happen in one transaction under a lock
 * of the study, so that the balance is exact however many arrive at once, in however many processes.
 */
export function createArrivals(
  tables: Tables,
  rules: ArrivalRules,
  effects: ArrivalEffects,
): Batches<Arrival, Admission> {
  const batchMax = rules.customCell === undefined ? BATCH_MAX : 1
  const options = {
    batchMax,
    waitingMax: WAITING_MAX,
    keyOf: (arrival: Arrival) => arrival.workerId,
  }
  return createBatches(options, (arrivals) =>
    inTransaction(effects.pool, async (client) => {
      await client.query('select pg_advisory_xact_lock(hashtext($1))', [`arrivals ${tables.study}`])
      const rows = await rowsOfWorkers(client, tables, arrivals)
      const decisions = arrivals.map((arrival) =>
        decideArrival(arrival, rows.get(arrival.workerId) ?? [], rules.allowRepeats),
      )
      const fresh = arrivals.filter((_, i) => decisions[i]?.do === 'allocate')
      const inserted = await allocate(client, { tables, rules, effects }, fresh)
      return arrivals.map((arrival, i): Admission => {
        const decision = decisions[i]
        if (decision?.do === 'refuse') return { kind: 'refused', error: decision.error }
        const row = decision?.do === 'return' ? decision.row : inserted.get(uniqueIdOf(arrival))
        if (row === undefined) throw new Error('an arrival was not stored')
        return { kind: 'admitted', row, isNew: decision?.do === 'allocate' }
      })
    }),
  )
}

/** Arrivals that are decided under one lock. */
const BATCH_MAX = 200

/** Beyond this the database has stood still for a long time, and waiting longer helps nobody. */
const WAITING_MAX = 20_000

async function rowsOfWorkers(
  client: PoolClient,
  tables: Tables,
  arrivals: readonly Arrival[],
): Promise<Map<string, Row[]>> {
  const { rows } = await client.query<Row>(
    `select ${ROW_COLUMNS} from ${tables.assignments} where workerid = any($1)`,
    [arrivals.map((arrival) => arrival.workerId)],
  )
  return Map.groupBy(rows, (row) => row.workerid)
}

/** What decisions need of a row; never the document. */
export const ROW_COLUMNS =
  'uniqueid, assignmentid, workerid, hitid, status, cond as condition, counterbalance'

type Context = Readonly<{ tables: Tables; rules: ArrivalRules; effects: ArrivalEffects }>

async function allocate(
  client: PoolClient,
  context: Context,
  arrivals: readonly Arrival[],
): Promise<Map<string, Row>> {
  const stored = new Map<string, Row>()
  for (const [mode, group] of Map.groupBy(arrivals, (arrival) => arrival.mode)) {
    // oxlint-disable-next-line no-await-in-loop -- one connection, one statement at a time
    const cells = await cellsFor(client, context, mode, group.length)
    // oxlint-disable-next-line no-await-in-loop
    for (const row of await insert(client, context, group, cells)) stored.set(row.uniqueid, row)
  }
  return stored
}

async function cellsFor(
  client: PoolClient,
  { tables, rules, effects }: Context,
  mode: string,
  arrivals: number,
): Promise<Cell[]> {
  if (rules.customCell !== undefined) return [await rules.customCell(mode)]
  const since = new Date(effects.now().getTime() - rules.cutoffMinutes * 60_000)
  const { rows } = await client.query<CellCount>(
    `select cond as condition, counterbalance, count(*)::int as count from ${tables.assignments}
     where codeversion = $1 and mode = $2 and (status = any($3) or beginhit > $4::timestamp)
     group by cond, counterbalance`,
    [rules.codeVersion, mode, FINISHED, utcText(since)],
  )
  return chooseCells(arrivals, rows, rules.cells(), effects.random)
}

async function insert(
  client: PoolClient,
  { tables, rules, effects }: Context,
  arrivals: readonly Arrival[],
  cells: readonly Cell[],
): Promise<Row[]> {
  const column = (read: (arrival: Arrival) => string): string[] => arrivals.map(read)
  const { rows } = await client.query<Row>(
    `insert into ${tables.assignments} (uniqueid, assignmentid, workerid, hitid, ipaddress, browser,
       platform, language, mode, cond, counterbalance, codeversion, beginhit, bonus, status)
     select *, $12, $13::timestamp, 0, 1 from unnest($1::text[], $2::text[], $3::text[], $4::text[],
       $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::int[], $11::int[])
     returning ${ROW_COLUMNS}`,
    [
      column(uniqueIdOf),
      column((arrival) => arrival.assignmentId),
      column((arrival) => arrival.workerId),
      column((arrival) => arrival.hitId),
      column((arrival) => arrival.ipAddress),
      column((arrival) => arrival.browser),
      column((arrival) => arrival.platform),
      column((arrival) => arrival.language),
      column((arrival) => arrival.mode),
      cells.map((cell) => cell.condition),
      cells.map((cell) => cell.counterbalance),
      rules.codeVersion,
      utcText(effects.now()),
    ],
  )
  return rows
}
