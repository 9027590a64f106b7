import type { Pool } from '@hokku/postgres'
import * as z from 'zod'
import type { Tables } from '../store/tables.ts'

/** Participants of one group of the overview. */
export type Group = Readonly<{
  codeversion: string | null
  mode: string | null
  condition: number | null
  counterbalance: number | null
  status: number
  count: number
}>

/** Counts by version, mode, cell and status: one scan, regardless of the size of the study. */
export async function countGroups(pool: Pool, tables: Tables): Promise<Group[]> {
  const { rows } = await pool.query<Group>(
    `select codeversion, mode, cond as condition, counterbalance, status, count(*)::int as count
     from ${tables.assignments} group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5`,
  )
  return rows
}

/** What the plots need of the newest participants' documents. */
export type Sample = Readonly<{
  participants: number
  /** How many participants recorded at least this many trials. */
  reached: readonly Readonly<{ trial: number; participants: number }>[]
  /** Response times in milliseconds, by trial. */
  times: readonly Readonly<{ trial: number; rt: number; condition: number | null }>[]
}>

const SAMPLE_PARTICIPANTS = 200
const SAMPLE_BYTES_MAX = 500_000
const SAMPLE_TIMES_MAX = 4_000

const Document = z.object({
  data: z.array(z.object({ current_trial: z.number(), trialdata: z.unknown() })).catch([]),
})

/** Reads the newest documents that are not too large; a plot needs no more. */
export async function sampleDocuments(
  pool: Pool,
  tables: Tables,
  filter: Readonly<{ mode?: string | undefined; codeVersion?: string | undefined }>,
): Promise<Sample> {
  const { rows } = await pool.query<{ datastring: string; condition: number | null }>(
    `select datastring, cond as condition from ${tables.assignments}
     where datastring is not null and octet_length(datastring) < $1
       and ($3::text is null or mode = $3) and ($4::text is null or codeversion = $4)
     order by beginhit desc nulls last limit $2`,
    [SAMPLE_BYTES_MAX, SAMPLE_PARTICIPANTS, filter.mode ?? null, filter.codeVersion ?? null],
  )
  const people = rows.map(({ datastring, condition }) => ({
    condition,
    trials: trialsOf(datastring),
  }))
  const longest = Math.max(0, ...people.map(({ trials }) => trials.length))
  const reached = Array.from({ length: longest + 1 }, (_, trial) => ({
    trial,
    participants: people.filter(({ trials }) => trials.length >= trial).length,
  }))
  const times = people.flatMap(({ condition, trials }) =>
    trials.flatMap(({ current_trial: trial, trialdata }) => {
      const rt = responseTime(trialdata)
      return rt === undefined ? [] : [{ trial, rt, condition }]
    }),
  )
  return { participants: rows.length, reached, times: times.slice(0, SAMPLE_TIMES_MAX) }
}

function trialsOf(text: string): z.infer<typeof Document>['data'] {
  try {
    return Document.parse(JSON.parse(text)).data
  } catch {
    return []
  }
}

/** The names under which studies record it. */
const Times = z.object({
  rt: z.number().optional(),
  RT: z.number().optional(),
  reaction_time: z.number().optional(),
})

function responseTime(trialdata: unknown): number | undefined {
  const times = Times.safeParse(trialdata).data
  return times?.rt ?? times?.RT ?? times?.reaction_time
}
