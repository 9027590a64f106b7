import type { Pool } from '@hokku/postgres'
import { PARTICIPANT_COLUMNS, type Participant } from '../store/participants.ts'
import type { Tables } from '../store/tables.ts'

/** A participant with the stored text of the document; null if nothing was ever saved. */
export type Exported = Participant &
  Readonly<{
    datastring: string | null
    /** What the address of the arrival said; null: nothing. */
    parameters?: Readonly<Record<string, string>> | null
    /** Two pages were open at once and saved in turns. */
    has_two_pages?: boolean | null
  }>

/**
 * Walks over all participants as they are at one moment, oldest first, in flat memory: ids and sizes
 * come from a cursor, documents in portions of bounded size.
 */
export async function* exportParticipants(pool: Pool, tables: Tables): AsyncGenerator<Exported> {
  const client = await pool.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    await client.query(
      `declare everyone no scroll cursor for
       select uniqueid, coalesce(octet_length(datastring), 0) as bytes from ${tables.assignments}
       order by beginhit nulls first, uniqueid`,
    )
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- a cursor is read step by step
      const { rows } = await client.query<{ uniqueid: string; bytes: number }>(
        `fetch ${FETCH_ROWS} from everyone`,
      )
      if (rows.length === 0) break
      for (const ids of portions(rows)) {
        // oxlint-disable-next-line no-await-in-loop
        const documents = await client.query<Exported>(
          `select ${PARTICIPANT_COLUMNS}, datastring, parameters, has_two_pages
           from ${tables.assignments} as a
             left join (select uniqueid as p_id, parameters from experiment_parameters where study = $2) p
               on p.p_id = a.uniqueid
             left join (select uniqueid as d_id, has_two_pages from experiment_documents where study = $2) d
               on d.d_id = a.uniqueid
           where a.uniqueid = any($1) order by a.beginhit nulls first, a.uniqueid`,
          [ids, tables.study],
        )
        yield* documents.rows
      }
    }
    await client.query('commit')
  } finally {
    // Also when the reader stops early: the connection must not keep the transaction.
    await client.query('rollback').catch(() => {})
    client.release()
  }
}

const FETCH_ROWS = 500

/** Documents read at once, together; a single larger one comes alone. */
const PORTION_BYTES_MAX = 4_000_000

function portions(rows: readonly Readonly<{ uniqueid: string; bytes: number }>[]): string[][] {
  const result: string[][] = []
  let room = 0
  for (const { uniqueid, bytes } of rows) {
    if (bytes > room || result.length === 0) {
      result.push([])
      room = PORTION_BYTES_MAX
    }
    result.at(-1)?.push(uniqueid)
    room -= bytes
  }
  return result
}
