import type { Pool } from '@hokku/postgres'
import { canonicalDocument, type CanonicalDocument } from '../documents/canonical-document.ts'
import { applyDelta, deltaBetween } from '../documents/document-delta.ts'
import { createBatcher, type Batcher } from '@hokku/kit/batcher'
import { textArray } from './binary-array.ts'
import { createDocumentCache, type DocumentCache } from './document-cache.ts'
import { run, statement, type Statement } from './statement.ts'
import type { Tables } from './tables.ts'
import { WRITE_LIMITS } from './write-limits.ts'

/** One save of a participant's whole document. */
export type Save = Readonly<{
  uniqueId: string
  document: CanonicalDocument
  /** Which loaded page sent it, and its number there; saves of a page that arrive late are recognized by it. */
  order?: Readonly<{ page: string; sequence: number }> | undefined
}>

export type SaveOutcome = 'saved' | 'superseded' | 'unknown'

export type Saves = Batcher<Save, SaveOutcome> &
  Readonly<{
    /** Of someone who has finished, further saves are not expected. */
    forget: (uniqueId: string) => void
  }>

/**
 * Stores documents, each with an entry in the log of all saves, in one commit. A save that its own
 * page has overtaken is kept in the log but does not replace the newer one.
 */
export function createSaves(tables: Tables, pool: Pool): Saves {
  const cache = createDocumentCache()
  const store = storeDocuments(tables)
  const write = async (saves: readonly Save[]): Promise<SaveOutcome[]> => {
    const rows = await run<Stored>(pool, store, [tables.study, ...columnsOf(saves, cache)])
    const stored = new Map(rows.map((row) => [row.uniqueid, row]))
    return saves.map((save) => {
      const row = stored.get(save.uniqueId)
      if (row === undefined) return 'unknown'
      cache.put(save.uniqueId, row.version, save.document)
      return row.is_current ? 'saved' : 'superseded'
    })
  }
  const batcher = createBatcher({
    ...WRITE_LIMITS,
    run: write,
    keyOf: (save: Save) => save.uniqueId,
    weightOf: (save) => save.document.bytes.length,
    weightMax: BATCH_BYTES_MAX,
  })
  return { ...batcher, forget: cache.drop }
}

/** Saves in one commit, by size; a single larger one goes alone. */
const BATCH_BYTES_MAX = 8_000_000

type Stored = Readonly<{ uniqueid: string; version: number; is_current: boolean }>

/**
 * One way to the server and back, regardless of the number of saves. Participants are locked in order, so
 * that two processes cannot wait for each other, and `on conflict` sees what was committed while
 * this statement waited: versions have no gaps and no twins.
 */
const storeDocuments = ({ assignments }: Tables): Statement =>
  statement(`
    with input as materialized (
      select * from unnest($2::text[], $3::text[], $4::int[], $5::text[], $6::text[], $7::bigint[])
        as i (uniqueid, document, base, change, page, sequence)
    ), known as materialized (
      select a.uniqueid from ${assignments} as a
      where a.uniqueid = any($2) order by a.uniqueid for update
    ), noted as (
      insert into experiment_documents as d (study, uniqueid, version, page, sequence)
      select $1, i.uniqueid, 1, i.page, i.sequence from input i join known using (uniqueid)
      on conflict (study, uniqueid) do update set version = d.version + 1,
        has_two_pages = d.has_two_pages or coalesce(excluded.page = d.previous_page, false),
        previous_page = case when excluded.page <> d.page then d.page else d.previous_page end,
        is_current = excluded.page is null or d.page is null or excluded.page <> d.page
          or excluded.sequence > d.sequence,
        page = coalesce(excluded.page, d.page),
        sequence = case when excluded.page = d.page
          then greatest(excluded.sequence, d.sequence)
          else coalesce(excluded.sequence, d.sequence) end
      returning d.uniqueid, d.version, d.is_current
    ), logged as (
      insert into experiment_saves (study, uniqueid, version, base, is_current, page, body)
      select $1, n.uniqueid, n.version, case when i.base < n.version then i.base end, n.is_current,
        i.page,
        case when i.base < n.version then i.change else i.document end
      from noted n join input i using (uniqueid)
    ), stored as (
      update ${assignments} as a set datastring = i.document
      from noted n join input i using (uniqueid)
      where a.uniqueid = n.uniqueid and n.is_current
    )
    select uniqueid, version, is_current from noted`)

/**
 * The saves as columns. A change refers to a save of the log, which never changes, so it is right
 * even if other processes have saved meanwhile.
 */
function columnsOf(saves: readonly Save[], cache: DocumentCache): unknown[] {
  const changes = saves.map(({ uniqueId, document }) => {
    const base = cache.get(uniqueId)
    if (base === undefined || base.version % KEYFRAME_EVERY === 0) return undefined
    return { base: base.version, text: deltaBetween(base.document, document) }
  })
  return [
    textArray(saves.map((save) => save.uniqueId)),
    textArray(saves.map((save) => save.document.bytes)),
    changes.map((change) => change?.base ?? null),
    textArray(changes.map((change) => change?.text ?? null)),
    saves.map((save) => save.order?.page ?? null),
    saves.map((save) => save.order?.sequence ?? null),
  ]
}

/** After so many changes in a row the log gets a whole document again, so that reading back is quick. */
const KEYFRAME_EVERY = 50

/** One entry of the log of saves, without its text. */
export type LoggedSave = Readonly<{
  version: number
  savedAt: Date
  isCurrent: boolean
  /** The loaded page that sent it; null: a program, or a save of before. */
  page: string | null
}>

/** Whether two pages of a participant have saved in turns, each over the other's document. */
export async function hasTwoPages(pool: Pool, tables: Tables, uniqueId: string): Promise<boolean> {
  const { rows } = await pool.query<{ has_two_pages: boolean }>(
    'select has_two_pages from experiment_documents where study = $1 and uniqueid = $2',
    [tables.study, uniqueId],
  )
  return rows[0]?.has_two_pages ?? false
}

/** All saves of a participant, oldest first. */
export async function listSaves(
  pool: Pool,
  tables: Tables,
  uniqueId: string,
): Promise<LoggedSave[]> {
  const { rows } = await pool.query<LoggedSave>(
    `select version, saved_at as "savedAt", is_current as "isCurrent", page from experiment_saves
     where study = $1 and uniqueid = $2 order by version`,
    [tables.study, uniqueId],
  )
  return rows
}

/** The document as it was at a save; undefined if there is no such save. */
export async function readSave(
  pool: Pool,
  tables: Tables,
  uniqueId: string,
  version: number,
): Promise<string | undefined> {
  const { rows } = await pool.query<{ base: number | null; body: string }>(
    `with recursive chain as (
       select version, base, body from experiment_saves
       where study = $1 and uniqueid = $2 and version = $3
       union all
       select s.version, s.base, s.body from experiment_saves s join chain on s.version = chain.base
       where s.study = $1 and s.uniqueid = $2
     ) select base, body from chain order by version`,
    [tables.study, uniqueId, version],
  )
  const [whole, ...changes] = rows
  if (whole === undefined) return undefined
  return changes.reduce((text, { body }) => applyDelta(canonicalDocument(text), body), whole.body)
}
