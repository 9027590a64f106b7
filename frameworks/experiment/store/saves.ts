import type { Pool } from '@hokku/kit/postgres'
import { canonicalDocument, type CanonicalDocument } from '../data/canonical-document.ts'
import { applyDelta, deltaBetween } from '../participants/document-delta.ts'
import { createBatches, type Batches } from './batches.ts'
import { createDocumentCache, type DocumentCache } from './document-cache.ts'
import type { Tables } from './tables.ts'

/** One save of a participant's whole document. */
export type Save = Readonly<{
  uniqueId: string
  document: CanonicalDocument
  /** Which loaded page sent it, and its number there; saves of a page that arrive late are told by it. */
  order?: Readonly<{ page: string; sequence: number }> | undefined
}>

export type SaveOutcome = 'saved' | 'superseded' | 'unknown'

/**
 * Stores documents, each with an entry in the log of all saves, in one commit. A save that its own
 * page has overtaken is kept in the log but does not replace the newer one.
 */
export function createSaves(tables: Tables, pool: Pool): Batches<Save, SaveOutcome> {
  const cache = createDocumentCache()
  const options = {
    batchMax: BATCH_MAX,
    waitingMax: WAITING_MAX,
    keyOf: (save: Save) => save.uniqueId,
    weightOf: (save: Save) => save.document.text.length,
    weightMax: BATCH_CHARACTERS_MAX,
  }
  return createBatches(options, async (saves) => {
    const { rows } = await pool.query<Stored>(
      'select * from experiment_save($1, $2::regclass, $3::json)',
      [tables.study, tables.assignments, JSON.stringify(saves.map((save) => entryOf(save, cache)))],
    )
    const stored = new Map(rows.map((row) => [row.uniqueid, row]))
    return saves.map((save) => {
      const row = stored.get(save.uniqueId)
      if (row === undefined) return 'unknown'
      cache.put(save.uniqueId, row.version, save.document)
      return row.is_current ? 'saved' : 'superseded'
    })
  })
}

/** Saves in one commit, by number and size; a single larger one goes alone. */
const BATCH_MAX = 200
const BATCH_CHARACTERS_MAX = 8_000_000
const WAITING_MAX = 20_000

/** After so many changes in a row the log gets a whole document again, so that reading back is quick. */
const KEYFRAME_EVERY = 50

type Stored = Readonly<{ uniqueid: string; version: number; is_current: boolean }>

/**
 * What `experiment_save` is given. The change refers to a save of the log, which never changes, so
 * it is right whatever other processes have saved meanwhile.
 */
function entryOf(save: Save, cache: DocumentCache): object {
  const { uniqueId: u, document, order } = save
  const base = cache.get(u)
  const change =
    base === undefined || base.version % KEYFRAME_EVERY === 0
      ? {}
      : { b: base.version, x: deltaBetween(base.document, document) }
  return { u, f: document.text, ...change, ...(order && { p: order.page, s: order.sequence }) }
}

/** One entry of the log of saves, without its text. */
export type LoggedSave = Readonly<{ version: number; savedAt: Date; isCurrent: boolean }>

/** All saves of a participant, oldest first. */
export async function listSaves(
  pool: Pool,
  tables: Tables,
  uniqueId: string,
): Promise<LoggedSave[]> {
  const { rows } = await pool.query<LoggedSave>(
    `select version, saved_at as "savedAt", is_current as "isCurrent" from experiment_saves
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
