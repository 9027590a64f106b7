import type { PoolClient } from '@hokku/postgres'
import { withNewcomers, type Cell, type CellCount } from '../participants/cells.ts'
import { FINISHED } from '../participants/status.ts'
import { runOn, statement, type Statement } from './statement.ts'
import type { Tables } from './tables.ts'
import { utcText } from './transaction.ts'

/** How full the cells of one mode are. */
export type Balance = Readonly<{ mode: string; counts: readonly CellCount[]; countedAt: number }>

/** For who holds the lock of arrivals. */
export type Balances = Readonly<{
  /** Of each mode: counted not long ago, with everyone who has arrived since. */
  read: (client: PoolClient, modes: readonly string[], now: Date) => Promise<Balance[]>
  add: (client: PoolClient, balance: Balance, newcomers: readonly Cell[]) => Promise<void>
}>

/** What counts is a participant who has finished, or who began within `cutoffMinutes`. */
export function createBalances(
  tables: Tables,
  { codeVersion, cutoffMinutes }: Readonly<{ codeVersion: string; cutoffMinutes: number }>,
): Balances {
  const statement = countStatement(tables)
  const count = async (client: PoolClient, modes: readonly string[], now: Date) => {
    const since = utcText(new Date(now.getTime() - cutoffMinutes * 60_000))
    const values = [codeVersion, modes, FINISHED, since]
    const rows = await runOn<CellCount & { mode: string }>(client, statement, values)
    return modes.map((mode): Balance => {
      return { mode, counts: rows.filter((row) => row.mode === mode), countedAt: now.getTime() }
    })
  }
  return {
    read: async (client, modes, now) => {
      const known = await runOn<Balance>(client, READ, [tables.study, codeVersion, modes])
      const recent = known.filter(({ countedAt }) => isRecent(countedAt, now))
      const others = modes.filter((mode) => recent.every((balance) => balance.mode !== mode))
      return others.length === 0 ? recent : [...recent, ...(await count(client, others, now))]
    },
    add: async (client, { mode, counts, countedAt }, newcomers) => {
      const next = JSON.stringify(withNewcomers(counts, newcomers))
      await runOn(client, WRITE, [tables.study, codeVersion, mode, next, countedAt])
    },
  }
}

/** Who finishes, drops out or is reset by hand is noticed after this time; arrivals always are. */
const RECOUNT_MS = 1000

/** Also not if the clock was set back. */
const isRecent = (countedAt: number, now: Date): boolean =>
  countedAt <= now.getTime() && now.getTime() < countedAt + RECOUNT_MS

const countStatement = ({ assignments }: Tables): Statement =>
  statement(`select mode, cond as condition, counterbalance, count(*)::int as count
    from ${assignments}
    where codeversion = $1 and mode = any($2) and (status = any($3) or beginhit > $4::timestamp)
    group by mode, cond, counterbalance`)

const READ = statement(`select mode, counts, counted_at::double precision as "countedAt"
  from experiment_balance where study = $1 and code_version = $2 and mode = any($3)`)

const WRITE =
  statement(`insert into experiment_balance (study, code_version, mode, counts, counted_at)
  values ($1, $2, $3, $4, $5)
  on conflict (study, code_version, mode)
    do update set counts = excluded.counts, counted_at = excluded.counted_at`)
