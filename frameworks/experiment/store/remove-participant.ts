import type { Pool, PoolClient } from '@hokku/postgres'
import { randomBytes } from 'node:crypto'
import { withPseudonyms } from '../documents/pseudonyms.ts'
import type { Tables } from './tables.ts'
import { inTransaction } from './transaction.ts'

/** What we keep of a participant beside the original's table, by unique id. */
const OWN_TABLES = [
  'experiment_documents',
  'experiment_saves',
  'experiment_bonus_marks',
  'experiment_parameters',
]

type Ids = Readonly<{ uniqueid: string; workerid: string; assignmentid: string }>

/**
 * Removes a participant everywhere: the row, the log of saves, payments, marks, parameters, the
 * personal link, and the outcomes of background actions.
 *
 * @returns whether there was one
 */
export async function deleteParticipant(
  pool: Pool,
  tables: Tables,
  uniqueId: string,
): Promise<boolean> {
  return await inTransaction(pool, async (client) => {
    const ids = await lockParticipant(client, tables, uniqueId)
    if (ids === undefined) return false
    await forgetBeside(client, tables, ids)
    await client.query('delete from experiment_payments where study = $1 and uniqueid = $2', [
      tables.study,
      uniqueId,
    ])
    await client.query(`delete from ${tables.assignments} where uniqueid = $1`, [uniqueId])
    return true
  })
}

/**
 * Keeps a participant's data under a new name. Gone are the ids, the address, the log of saves,
 * parameters and the personal link; payments keep their sums under the new name.
 *
 * @returns the new unique id; undefined if there is no such participant
 */
export async function anonymizeParticipant(
  pool: Pool,
  tables: Tables,
  uniqueId: string,
): Promise<string | undefined> {
  return await inTransaction(pool, async (client) => {
    const ids = await lockParticipant(client, tables, uniqueId)
    if (ids === undefined) return undefined
    const worker = `anonymous-${randomBytes(NAME_BYTES).toString('hex')}`
    const assignment = `A${randomBytes(NAME_BYTES).toString('hex')}`
    const renamed = `${worker}:${assignment}`
    const { rows } = await client.query<{ datastring: string | null }>(
      `select datastring from ${tables.assignments} where uniqueid = $1`,
      [uniqueId],
    )
    const text = rows[0]?.datastring ?? null
    const names = new Map([
      [ids.uniqueid, renamed],
      [ids.workerid, worker],
      [ids.assignmentid, assignment],
    ])
    await forgetBeside(client, tables, ids)
    await client.query(
      'update experiment_payments set uniqueid = $3 where study = $1 and uniqueid = $2',
      [tables.study, uniqueId, renamed],
    )
    await client.query(
      `update ${tables.assignments} set uniqueid = $2, workerid = $3, assignmentid = $4,
         ipaddress = null, datastring = $5 where uniqueid = $1`,
      [uniqueId, renamed, worker, assignment, text && (withPseudonyms(text, names) ?? null)],
    )
    return renamed
  })
}

const NAME_BYTES = 8

async function lockParticipant(
  client: PoolClient,
  { assignments }: Tables,
  uniqueId: string,
): Promise<Ids | undefined> {
  const { rows } = await client.query<Ids>(
    `select uniqueid, workerid, assignmentid from ${assignments} where uniqueid = $1 for update`,
    [uniqueId],
  )
  return rows[0]
}

async function forgetBeside(client: PoolClient, tables: Tables, ids: Ids): Promise<void> {
  for (const table of OWN_TABLES) {
    // oxlint-disable-next-line no-await-in-loop -- one connection
    await client.query(`delete from ${table} where study = $1 and uniqueid = $2`, [
      tables.study,
      ids.uniqueid,
    ])
  }
  await client.query('delete from experiment_links where study = $1 and worker = $2', [
    tables.study,
    ids.workerid,
  ])
  await client.query(
    `update experiment_jobs set outcomes = (
       select coalesce(jsonb_agg(one), '[]') from jsonb_array_elements(outcomes) as one
       where strpos(one::text, $2) = 0 and strpos(one::text, $3) = 0)
     where study = $1 and (strpos(outcomes::text, $2) > 0 or strpos(outcomes::text, $3) > 0)`,
    [tables.study, JSON.stringify(ids.uniqueid), JSON.stringify(ids.assignmentid)],
  )
}
