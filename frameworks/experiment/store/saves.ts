import type { Pool, PoolClient } from '@hokku/kit/postgres'
import { canonicalDocument, type CanonicalDocument } from '../data/canonical-document.ts'
import { applyDelta, deltaBetween } from '../participants/document-delta.ts'
import { createBatches, type Batches } from './batches.ts'
import { createDocumentCache, type DocumentCache } from './document-cache.ts'
import type { Tables } from './tables.ts'
import { inTransaction } from './transaction.ts'

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
    const entries = await inTransaction(pool, async (client) => {
      const states = await lockStates(client, tables, saves)
      const planned = saves.map((save) => planSave(save, states.get(save.uniqueId), cache))
      await write(
        client,
        tables,
        planned.filter((entry) => entry !== undefined),
      )
      return planned
    })
    for (const entry of entries) {
      if (entry !== undefined) cache.put(entry.save.uniqueId, entry.version, entry.save.document)
    }
    return entries.map((entry) => {
      if (entry === undefined) return 'unknown'
      return entry.isCurrent ? 'saved' : 'superseded'
    })
  })
}

/** Saves in one commit, by number and size; a single larger one goes alone. */
const BATCH_MAX = 200
const BATCH_CHARACTERS_MAX = 8_000_000
const WAITING_MAX = 20_000

/** After so many changes in a row the log gets a whole document again, so that reading back is quick. */
const KEYFRAME_EVERY = 50

type State = Readonly<{ version: number; page: string | null; sequence: string | null }>

type Entry = Readonly<{
  save: Save
  version: number
  isCurrent: boolean
  base: number | null
  body: string
}>

/** @returns nothing for participants that do not exist */
async function lockStates(
  client: PoolClient,
  tables: Tables,
  saves: readonly Save[],
): Promise<Map<string, State>> {
  const ids = saves.map((save) => save.uniqueId)
  // In order, so that two processes cannot wait for each other; the states are read afterwards,
  // since a statement that waited for a lock would still see them as they were before.
  const known = await client.query<{ uniqueid: string }>(
    `select uniqueid from ${tables.assignments} where uniqueid = any($1) order by uniqueid for update`,
    [ids],
  )
  const { rows } = await client.query<State & { uniqueid: string }>(
    `select uniqueid, version, page, sequence from experiment_documents
     where study = $1 and uniqueid = any($2)`,
    [tables.study, ids],
  )
  const states = new Map<string, State>(known.rows.map((row) => [row.uniqueid, UNSAVED]))
  for (const row of rows) if (states.has(row.uniqueid)) states.set(row.uniqueid, row)
  return states
}

const UNSAVED: State = { version: 0, page: null, sequence: null }

function planSave(save: Save, state: State | undefined, cache: DocumentCache): Entry | undefined {
  if (state === undefined) return undefined
  const version = state.version + 1
  const isCurrent =
    save.order === undefined ||
    save.order.page !== state.page ||
    save.order.sequence > Number(state.sequence)
  const base = version % KEYFRAME_EVERY === 1 ? undefined : cache.get(save.uniqueId)
  if (base === undefined || base.version >= version) {
    return { save, version, isCurrent, base: null, body: save.document.text }
  }
  const body = deltaBetween(base.document, save.document)
  return { save, version, isCurrent, base: base.version, body }
}

async function write(client: PoolClient, tables: Tables, entries: readonly Entry[]): Promise<void> {
  if (entries.length === 0) return
  // As JSON: the driver escapes arrays of long texts many times slower than `JSON.stringify`.
  const input = entries.map(({ save, version, base, isCurrent, body }) => ({
    u: save.uniqueId,
    v: version,
    b: base,
    c: isCurrent,
    x: body,
    p: save.order?.page ?? null,
    s: save.order?.sequence ?? null,
    ...(isCurrent && base !== null ? { d: save.document.text } : {}),
  }))
  await client.query(
    `with input as materialized (
       select * from json_to_recordset($2::json)
         as i (u text, v int, b int, c bool, x text, p text, s bigint, d text)
     ), logged as (
       insert into experiment_saves (study, uniqueid, version, base, is_current, body)
       select $1, u, v, b, c, x from input
     ), noted as (
       insert into experiment_documents as d (study, uniqueid, version, page, sequence)
       select $1, u, v, p, s from input
       on conflict (study, uniqueid) do update set version = excluded.version,
         page = coalesce(excluded.page, d.page),
         sequence = case when excluded.page = d.page
           then greatest(excluded.sequence, d.sequence)
           else coalesce(excluded.sequence, d.sequence) end
     )
     update ${tables.assignments} as a set datastring = coalesce(input.d, input.x)
     from input where a.uniqueid = input.u and input.c`,
    [tables.study, JSON.stringify(input)],
  )
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
