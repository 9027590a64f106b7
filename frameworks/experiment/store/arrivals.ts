import type { Pool, PoolClient } from '@hokku/postgres'
import {
  decideArrival,
  uniqueIdOf,
  type ErrorKey,
  type Identity,
  type Row,
} from '../participants/admission.ts'
import { chooseCells, type Cell } from '../participants/cells.ts'
import { createBalances, type Balance, type Balances } from './balance.ts'
import { createBatcher, type Batcher } from '@hokku/kit/batcher'
import { createPlanRefresh } from './refresh-plans.ts'
import { evenWithoutNames, runOn, statement, type Statement } from './statement.ts'
import type { Tables } from './tables.ts'
import { inTransaction, lockOf, utcText } from './transaction.ts'
import { WRITE_LIMITS } from './write-limits.ts'

/** Someone who opens the experiment, with what is kept about their first request. */
export type Arrival = Identity &
  Readonly<{
    mode: string
    ipAddress: string
    browser: string
    platform: string
    language: string
    /** Asked for by the address; others are drawn. */
    wanted?: Cell | undefined
  }>

export type Admission =
  | Readonly<{ kind: 'admitted'; row: Row; isNew: boolean }>
  | Readonly<{ kind: 'refused'; error: ErrorKey }>

export type ArrivalRules = Readonly<{
  allowRepeats: boolean
  resumeMinutes?: number
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
): Batcher<Arrival, Admission> {
  const balances = rules.customCell === undefined ? createBalances(tables, rules) : undefined
  const context = {
    rules,
    effects,
    balances,
    rowsOfWorkers: rowsOfWorkers(tables),
    insert: insertStatement(tables),
  }
  const lock = lockOf(`arrivals ${tables.study}`)
  const { pool } = effects
  const refreshPlans = createPlanRefresh(tables, pool)
  const run = async (arrivals: readonly Arrival[]): Promise<Admission[]> => {
    const admissions = await evenWithoutNames(() =>
      inTransaction(pool, (client) => admit(client, context, arrivals), lock),
    )
    const newcomers = admissions.filter((each) => each.kind === 'admitted' && each.isNew)
    refreshPlans(newcomers.length)
    return admissions
  }
  const itemsMax = rules.customCell === undefined ? WRITE_LIMITS.itemsMax : 1
  return createBatcher({ ...WRITE_LIMITS, itemsMax, run, keyOf: ({ workerId }) => workerId })
}

type Context = Readonly<{
  rules: ArrivalRules
  effects: ArrivalEffects
  /** Undefined where the study assigns cells itself. */
  balances: Balances | undefined
  rowsOfWorkers: Statement
  insert: Statement
}>

async function admit(
  client: PoolClient,
  context: Context,
  arrivals: readonly Arrival[],
): Promise<Admission[]> {
  const { rules, balances, effects } = context
  const workers = arrivals.map((arrival) => arrival.workerId)
  const modes = [...new Set(arrivals.map((arrival) => arrival.mode))]
  // Both are asked in one go.
  const [seen, filled = []] = await Promise.all([
    runOn<Row>(client, context.rowsOfWorkers, [workers]),
    balances?.read(client, modes, effects.now()),
  ])
  const rows = Map.groupBy(seen, (row) => row.workerid)
  const decisions = arrivals.map((arrival) =>
    decideArrival(
      arrival,
      rows.get(arrival.workerId) ?? [],
      rules.allowRepeats,
      rules.resumeMinutes,
    ),
  )
  const fresh = arrivals.filter((_, i) => decisions[i]?.do === 'allocate')
  const inserted = await allocate(client, context, fresh, filled)
  return arrivals.map((arrival, i): Admission => {
    const decision = decisions[i]
    if (decision?.do === 'refuse') return { kind: 'refused', error: decision.error }
    const row = decision?.do === 'return' ? decision.row : inserted.get(uniqueIdOf(arrival))
    if (row === undefined) throw new Error('an arrival was not stored')
    return { kind: 'admitted', row, isNew: decision?.do === 'allocate' }
  })
}

/** What decisions need of a row; never the document. */
const ROW_COLUMNS = `uniqueid, assignmentid, workerid, hitid, status, cond as condition, counterbalance,
  (extract(epoch from now() at time zone 'utc' - coalesce(beginexp, beginhit)) / 60)::double precision as minutes`

/** All rows of workers, in any study version and mode. */
export const rowsOfWorkers = ({ assignments }: Tables): Statement =>
  statement(`select ${ROW_COLUMNS} from ${assignments} where workerid = any($1)`)

async function allocate(
  client: PoolClient,
  context: Context,
  arrivals: readonly Arrival[],
  filled: readonly Balance[],
): Promise<Map<string, Row>> {
  if (arrivals.length === 0) return new Map()
  const ordered: Arrival[] = []
  const cells: Cell[] = []
  const additions: [Balance, Cell[]][] = []
  for (const [mode, group] of Map.groupBy(arrivals, (arrival) => arrival.mode)) {
    const balance = filled.find((each) => each.mode === mode)
    // oxlint-disable-next-line no-await-in-loop -- the study's own code gets one call at a time
    const chosen = await cellsOfGroup(context, mode, group, balance)
    ordered.push(...group)
    cells.push(...chosen)
    if (balance !== undefined) additions.push([balance, chosen])
  }
  const [rows] = await Promise.all([
    insert(client, context, ordered, cells),
    ...additions.map(([balance, chosen]) => context.balances?.add(client, balance, chosen)),
  ])
  return new Map(rows.map((row) => [row.uniqueid, row]))
}

async function cellsOfGroup(
  context: Context,
  mode: string,
  group: readonly Arrival[],
  balance: Balance | undefined,
): Promise<Cell[]> {
  const free = group.filter(({ wanted }) => wanted === undefined)
  const drawn = free.length === 0 ? [] : await cellsFor(context, mode, free.length, balance)
  return group.flatMap(({ wanted }) => wanted ?? drawn.shift() ?? [])
}

async function cellsFor(
  { rules, effects }: Context,
  mode: string,
  arrivals: number,
  balance: Balance | undefined,
): Promise<Cell[]> {
  if (rules.customCell !== undefined) return [await rules.customCell(mode)]
  return chooseCells(arrivals, balance?.counts ?? [], rules.cells(), effects.random)
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
