import type { Pool } from '@hokku/postgres'
import { appendTo, type Addition } from '../documents/appended-document.ts'
import { canonicalDocument, documentText } from '../documents/canonical-document.ts'
import { deltaBetween } from '../documents/document-delta.ts'
import type { PythonValue } from '../documents/python-json.ts'
import { problem } from '../problems.ts'
import { run, statement, type Statement } from './statement.ts'
import type { Tables } from './tables.ts'

export type Append = (uniqueId: string, addition: Addition) => Promise<boolean>

/**
 * Adds to participants' documents, each time with an entry in the log of saves, in one commit. What
 * another process or page stored meanwhile is kept: then it is added to that.
 *
 * @returns a function that answers whether the participant exists
 */
export function createAppend(tables: Tables, pool: Pool): Append {
  const read = readStatement(tables)
  const write = writeStatement(tables)
  return async (uniqueId, addition) => {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      // oxlint-disable-next-line no-await-in-loop -- again only after what was stored meanwhile
      const [row] = await run<Current>(pool, read, [tables.study, uniqueId])
      if (row === undefined) return false
      const text = appendTo(row.datastring, addition, startOf(uniqueId, row))
      if (text === undefined) return true
      const next = canonicalDocument(text)
      const isDelta = row.datastring !== null && row.version > 0 && row.version % KEYFRAME_EVERY > 0
      const body =
        isDelta && row.datastring !== null
          ? deltaBetween(canonicalDocument(row.datastring), next)
          : documentText(next)
      const [page] = addition.part.split('-')
      // oxlint-disable-next-line no-await-in-loop
      const stored = await run(pool, write, [
        tables.study,
        uniqueId,
        row.datastring,
        row.version,
        documentText(next),
        isDelta ? row.version : null,
        body,
        page,
      ])
      if (stored.length > 0) return true
    }
    throw problem('overloaded', 'Too much is being saved for this participant at once.')
  }
}

/** Pages of one participant that save at once are few. */
const ATTEMPTS_MAX = 20

/** As in the log of whole saves. */
const KEYFRAME_EVERY = 50

type Current = Readonly<{
  datastring: string | null
  version: number
  assignmentid: string
  workerid: string
  hitid: string
  cond: number | null
  counterbalance: number | null
  mode: string | null
}>

const readStatement = ({ assignments }: Tables): Statement =>
  statement(`select a.datastring, a.assignmentid, a.workerid, a.hitid, a.cond, a.counterbalance,
      a.mode, coalesce(d.version, 0) as version
    from ${assignments} a left join experiment_documents d on d.study = $1 and d.uniqueid = a.uniqueid
    where a.uniqueid = $2`)

/** Changes nothing unless the document is still the one that was read. */
const writeStatement = ({ assignments }: Tables): Statement =>
  statement(`
    with known as materialized (
      select uniqueid from ${assignments}
      where uniqueid = $2 and datastring is not distinct from $3::text for update
    ), noted as (
      insert into experiment_documents as d (study, uniqueid, version, page)
      select $1, uniqueid, 1, $8::text from known
      on conflict (study, uniqueid) do update set version = d.version + 1, is_current = true,
        has_two_pages = d.has_two_pages or coalesce(excluded.page = d.previous_page, false),
        previous_page = case when excluded.page <> d.page then d.page else d.previous_page end,
        page = excluded.page, sequence = null
        where d.version = $4::int
      returning d.version
    ), logged as (
      insert into experiment_saves (study, uniqueid, version, base, is_current, page, body)
      select $1, $2, version, $6::int, true, $8::text, $7::text from noted
    ), stored as (
      update ${assignments} set datastring = $5::text where uniqueid = $2 and exists (select from noted)
    )
    select version from noted`)

const startOf = (uniqueId: string, row: Current): Map<string, PythonValue> =>
  new Map<string, PythonValue>([
    ['condition', row.cond],
    ['counterbalance', row.counterbalance],
    ['assignmentId', row.assignmentid],
    ['workerId', row.workerid],
    ['hitId', row.hitid],
    ['id', uniqueId],
    ['mode', row.mode],
  ])
