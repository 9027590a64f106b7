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
import { evenWithoutNames, runOn, statement, type Statement } from './statement.ts'
import type { Tables } from './tables.ts'
import { inTransaction, lockOf, utcText } from './transaction.ts'

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
  const options = {
    batchMax: rules.customCell === undefined ? BATCH_MAX : 1,
    waitingMax: WAITING_MAX,
    keyOf: (arrival: Arrival) => arrival.workerId,
  }
  const context = { rules, effects, look: lookStatement(tables), insert: insertStatement(tables) }
  const lock = lockOf(`arrivals ${tables.study}`)
  const { pool } = effects
  return createBatches(options, (arrivals) =>
    evenWithoutNames(() => inTransaction(pool, (client) => admit(client, context, arrivals), lock)),
  )
}

/** Arrivals that are decided under one lock. */
const BATCH_MAX = 200

/** Beyond this the database has stood still for a long time, and waiting longer helps nobody. */
const WAITING_MAX = 20_000

type Context = Readonly<{
  rules: ArrivalRules
  effects: ArrivalEffects
  look: Statement
  insert: Statement
}>

async function admit(
  client: PoolClient,
  context: Context,
  arrivals: readonly Arrival[],
): Promise<Admission[]> {
  const { rules } = context
  const seen = await lookUp(client, context, arrivals)
  const rows = Map.groupBy(seen.rows, (row) => row.workerid)
  const decisions = arrivals.map((arrival) =>
    decideArrival(arrival, rows.get(arrival.workerId) ?? [], rules.allowRepeats),
  )
  const fresh = arrivals.filter((_, i) => decisions[i]?.do === 'allocate')
  const inserted = await allocate(client, context, fresh, seen.counts)
  return arrivals.map((arrival, i): Admission => {
    const decision = decisions[i]
    if (decision?.do === 'refuse') return { kind: 'refused', error: decision.error }
    const row = decision?.do === 'return' ? decision.row : inserted.get(uniqueIdOf(arrival))
    if (row === undefined) throw new Error('an arrival was not stored')
    return { kind: 'admitted', row, isNew: decision?.do === 'allocate' }
  })
}

/** What decisions need of a row; never the document. */
export const ROW_COLUMNS =
  'uniqueid, assignmentid, workerid, hitid, status, cond as condition, counterbalance'

type Seen = Readonly<{ rows: Row[]; counts: (CellCount & Readonly<{ mode: string }>)[] }>

/** All rows of the workers, and how full the cells of their modes are: in one look. */
const lookStatement = ({ assignments }: Tables): Statement =>
  statement(`select
    (select coalesce(json_agg(r), '[]') from (
      select ${ROW_COLUMNS} from ${assignments} where workerid = any($1)
    ) as r) as rows,
    (select coalesce(json_agg(c), '[]') from (
      select mode, cond as condition, counterbalance, count(*)::int as count from ${assignments}
      where codeversion = $2 and mode = any($3)
        and (status = any($4) or beginhit > $5::timestamp)
      group by mode, cond, counterbalance
    ) as c) as counts`)

async function lookUp(
  client: PoolClient,
  { rules, effects, look }: Context,
  arrivals: readonly Arrival[],
): Promise<Seen> {
  const since = new Date(effects.now().getTime() - rules.cutoffMinutes * 60_000)
  const modes = new Set(arrivals.map((arrival) => arrival.mode))
  const [seen] = await runOn<Seen>(client, look, [
    arrivals.map((arrival) => arrival.workerId),
    rules.codeVersion,
    rules.customCell === undefined ? [...modes] : [],
    FINISHED,
    utcText(since),
  ])
  return seen ?? { rows: [], counts: [] }
}

async function allocate(
  client: PoolClient,
  context: Context,
  arrivals: readonly Arrival[],
  counts: Seen['counts'],
): Promise<Map<string, Row>> {
  if (arrivals.length === 0) return new Map()
  const ordered: Arrival[] = []
  const cells: Cell[] = []
  for (const [mode, group] of Map.groupBy(arrivals, (arrival) => arrival.mode)) {
    ordered.push(...group)
    // oxlint-disable-next-line no-await-in-loop -- the study's own code gets one call at a time
    cells.push(...(await cellsFor(context, mode, group.length, counts)))
  }
  const rows = await insert(client, context, ordered, cells)
  return new Map(rows.map((row) => [row.uniqueid, row]))
}

async function cellsFor(
  { rules, effects }: Context,
  mode: string,
  arrivals: number,
  counts: Seen['counts'],
): Promise<Cell[]> {
  if (rules.customCell !== undefined) return [await rules.customCell(mode)]
  const own = counts.filter((count) => count.mode === mode)
  return chooseCells(arrivals, own, rules.cells(), effects.random)
}

const insertStatement = ({ assignments }: Tables): Statement =>
  statement(`insert into ${assignments} (uniqueid, assignmentid, workerid, hitid, ipaddress, browser,
      platform, language, mode, cond, counterbalance, codeversion, beginhit, bonus, status)
    select *, $12, $13::timestamp, 0, 1 from unnest($1::text[], $2::text[], $3::text[], $4::text[],
      $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::int[], $11::int[])
    returning ${ROW_COLUMNS}`)

async function insert(
  client: PoolClient,
  { rules, effects, insert: statement }: Context,
  arrivals: readonly Arrival[],
  cells: readonly Cell[],
): Promise<Row[]> {
  const column = (read: (arrival: Arrival) => string): string[] => arrivals.map(read)
  return runOn<Row>(client, statement, [
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
  ])
}
