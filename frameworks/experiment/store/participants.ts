import type { Pool } from '@hokku/postgres'
import type { Row } from '../participants/admission.ts'
import { rowsOfWorkers } from './arrivals.ts'
import { createBatcher, type Batcher } from '@hokku/kit/batcher'
import { run, statement } from './statement.ts'
import type { Tables } from './tables.ts'
import { WRITE_LIMITS } from './write-limits.ts'

/** A participant's row without the document; times are UTC as text. */
export type Participant = Readonly<{
  uniqueid: string
  assignmentid: string
  workerid: string
  hitid: string
  ipaddress: string | null
  browser: string | null
  platform: string | null
  language: string | null
  cond: number | null
  counterbalance: number | null
  codeversion: string | null
  beginhit: string | null
  beginexp: string | null
  endhit: string | null
  bonus: number
  status: number
  mode: string | null
}>

/** The columns of `Participant`. Times as text: the driver would read them in the local zone. */
export const PARTICIPANT_COLUMNS = `uniqueid, assignmentid, workerid, hitid, ipaddress, browser,
  platform, language, cond, counterbalance, codeversion, beginhit::text, beginexp::text,
  endhit::text, coalesce(bonus, 0) as bonus, status, mode`

/** Looks up all rows of workers, in any study version and mode; those asked for meanwhile together. */
export function createWorkerLookups(tables: Tables, pool: Pool): Batcher<string, Row[]> {
  const find = rowsOfWorkers(tables)
  const lookUp = async (workerIds: readonly string[]): Promise<Row[][]> => {
    const rows = Map.groupBy(await run<Row>(pool, find, [workerIds]), (row) => row.workerid)
    return workerIds.map((workerId) => rows.get(workerId) ?? [])
  }
  return createBatcher({ ...WRITE_LIMITS, run: lookUp, keyOf: (id) => id })
}

export async function findParticipant(
  pool: Pool,
  tables: Tables,
  uniqueId: string,
): Promise<Participant | undefined> {
  const { rows } = await pool.query<Participant>(
    `select ${PARTICIPANT_COLUMNS} from ${tables.assignments} where uniqueid = $1`,
    [uniqueId],
  )
  return rows[0]
}

/** The stored document's text; null if the participant exists but never saved. */
export async function readDocument(
  pool: Pool,
  tables: Tables,
  uniqueId: string,
): Promise<string | null | undefined> {
  const { rows } = await pool.query<{ datastring: string | null }>(
    `select datastring from ${tables.assignments} where uniqueid = $1`,
    [uniqueId],
  )
  return rows[0]?.datastring
}

/** What a participant's page starts from: the saved document's text, or what it is made of. */
export type Loaded = Readonly<{
  assignmentid: string
  workerid: string
  hitid: string
  cond: number | null
  counterbalance: number | null
  bonus: number
  datastring: string | null
}>

/** Looks participants up; those asked for meanwhile together. */
export function createLoads(tables: Tables, pool: Pool): Batcher<string, Loaded | undefined> {
  // Documents may be of many megabytes: those come one by one.
  const load = statement(
    `select uniqueid, assignmentid, workerid, hitid, cond, counterbalance,
       coalesce(bonus, 0) as bonus, case when octet_length(datastring) <= ${LOADED_BYTES_MAX}
         then datastring end as datastring,
       coalesce(octet_length(datastring) > ${LOADED_BYTES_MAX}, false) as "isLarge"
     from ${tables.assignments} where uniqueid = any($1)`,
  )
  const loadAll = async (uniqueIds: readonly string[]): Promise<(Loaded | undefined)[]> => {
    const rows = await run<Loaded & { uniqueid: string; isLarge: boolean }>(pool, load, [uniqueIds])
    const found = new Map(rows.map((row) => [row.uniqueid, row]))
    const loaded: (Loaded | undefined)[] = []
    for (const uniqueId of uniqueIds) {
      const row = found.get(uniqueId)
      // oxlint-disable-next-line no-await-in-loop -- one large document at a time
      const datastring = row?.isLarge ? await readDocument(pool, tables, uniqueId) : row?.datastring
      loaded.push(row && { ...row, datastring: datastring ?? null })
    }
    return loaded
  }
  return createBatcher({ ...WRITE_LIMITS, run: loadAll, keyOf: (id) => id })
}

/** A page of a long session has some ten kilobytes. */
const LOADED_BYTES_MAX = 65_536

/** What custom code may change about a participant. */
export type ParticipantChange = Readonly<{ bonus?: number; status?: number }>

/** @returns whether the participant exists */
export async function changeParticipant(
  pool: Pool,
  tables: Tables,
  uniqueId: string,
  change: ParticipantChange,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `update ${tables.assignments} set bonus = coalesce($2, bonus), status = coalesce($3, status)
     where uniqueid = $1`,
    [uniqueId, change.bonus ?? null, change.status ?? null],
  )
  return (rowCount ?? 0) > 0
}

export type ParticipantFilter = Readonly<{
  /** Any of these; undefined: all. */
  status?: readonly number[] | undefined
  assignmentIds?: readonly string[] | undefined
  hitIds?: readonly string[] | undefined
  codeVersion?: string | undefined
  mode?: string | undefined
  /** Leave out the researcher's own trial runs. */
  withoutDebug?: boolean | undefined
}>

/** Participants without their documents, oldest first. */
export async function listParticipants(
  pool: Pool,
  tables: Tables,
  filter: ParticipantFilter = {},
  page: Readonly<{ limit: number; offset: number }> = { limit: LIST_MAX, offset: 0 },
): Promise<Participant[]> {
  const { rows } = await pool.query<Participant>(
    `select ${PARTICIPANT_COLUMNS} from ${tables.assignments}
     where ${CONDITION} order by beginhit nulls first, uniqueid limit $7 offset $8`,
    [...conditionValues(filter), page.limit, page.offset],
  )
  return rows
}

export async function countParticipants(
  pool: Pool,
  tables: Tables,
  filter: ParticipantFilter = {},
): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from ${tables.assignments} where ${CONDITION}`,
    conditionValues(filter),
  )
  return rows[0]?.count ?? 0
}

/** A `ParticipantFilter` as SQL over $1 to $6. */
const CONDITION = `($1::int[] is null or status = any($1))
  and ($2::text[] is null or assignmentid = any($2))
  and ($3::text[] is null or hitid = any($3))
  and ($4::text is null or codeversion = $4)
  and ($5::text is null or mode = $5)
  and (not $6::bool or mode <> 'debug')`

const conditionValues = (filter: ParticipantFilter): unknown[] => [
  filter.status ?? null,
  filter.assignmentIds ?? null,
  filter.hitIds ?? null,
  filter.codeVersion ?? null,
  filter.mode ?? null,
  filter.withoutDebug ?? false,
]

/** Rows in one answer; larger studies are read as files, which are streamed. */
export const LIST_MAX = 100_000

/** One page of participants, newest first. */
export async function newestParticipants(
  pool: Pool,
  tables: Tables,
  page: Readonly<{
    limit: number
    offset: number
    status?: number | undefined
    /** Part of a worker's, an assignment's or a HIT's id. */
    search?: string | undefined
  }>,
): Promise<Participant[]> {
  const { rows } = await pool.query<Participant>(
    `select ${PARTICIPANT_COLUMNS} from ${tables.assignments} as a
     where ($3::int is null or status = $3)
       and ($4::text is null or strpos(lower(uniqueid || ' ' || hitid), lower($4)) > 0)
     order by a.beginhit desc nulls last, uniqueid limit $1 offset $2`,
    [page.limit, page.offset, page.status ?? null, page.search ?? null],
  )
  return rows
}
