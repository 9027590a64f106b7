import { randomUUID } from 'node:crypto'
import type { Database, Query, Row } from './database.ts'
import { Refusal } from './http.ts'
import { addressOf } from './slug.ts'

export type Status = 'uploading' | 'queued' | 'counting' | 'done' | 'failed'

/** One upload of a document. */
export type Version = Readonly<{
  id: string
  name: string
  slug: string
  n: number
  filename: string
  key: string
  bytes: number | null
  status: Status
  attempt: number
  doneBytes: number
  error: string | null
  uploadedAt: Date
  queuedAt: Date | null
  startedAt: Date | null
  countedAt: Date | null
  totalWords: number | null
  distinctWords: number | null
  approximate: boolean
  /** Places that were not text in the file's encoding. */
  unreadable: number
  /** Grows with every change. */
  revision: number
  /** Pairs, so that a word such as `__proto__` is one like any other. */
  words: readonly (readonly [string, number])[] | null
}>

const SELECT = `select versions.*, documents.name, documents.slug
  from versions join documents on documents.id = document_id`

export type Names = Readonly<{ name: string; filename: string }>

/** @throws Refusal for what no document can be called */
export function checkNames({ name, filename }: Names): Names {
  if (name.length > NAME_LENGTH_MAX || filename.length > NAME_LENGTH_MAX) {
    throw new Refusal(400, `A name may have ${NAME_LENGTH_MAX} characters at most.`)
  }
  // PostgreSQL keeps no NUL.
  const clean = (text: string) => text.toWellFormed().replaceAll('\0', '\uFFFD').trim()
  return { name: clean(name), filename: clean(filename) }
}

/** Room for the longest that someone might mean; names are kept whole. */
export const NAME_LENGTH_MAX = 16_384

/** Where the bytes of a new version go; no one can guess it, and nothing of the user's is in it. */
export function newKey(folder: string, filename: string): { id: string; key: string } {
  const id = randomUUID()
  return { id, key: `${folder}/${id.replaceAll('-', '')}${extensionOf(filename)}` }
}

/** `../a b/Text.TXT` → `.TXT`; of a name that starts with its only dot, nothing. */
function extensionOf(filename: string): string {
  const file = filename.slice(1 + Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')))
  const extension = file.slice(file.lastIndexOf('.'))
  return extension !== file && /^\.[A-Za-z0-9_-]{1,16}$/.test(extension) ? extension : ''
}

/** A new version of the document of that name, which is made if there is none. */
export async function addVersion(
  database: Database,
  { id, key, name, filename }: Names & Readonly<{ id: string; key: string }>,
): Promise<Version> {
  await database.transaction(async (query) => {
    // The row's lock makes uploads of one name take turns, so numbers have no holes or twins.
    const [document] = await query(
      `insert into documents (name, slug) values ($1, $2)
       on conflict (slug) do update set name = excluded.name returning id`,
      [name || filename || 'Untitled', addressOf(name, id)],
    )
    await query(
      `insert into versions (id, document_id, n, filename, s3_key, status)
       values ($1, $2, (select coalesce(max(n), 0) + 1 from versions where document_id = $2), $3, $4,
       'uploading')`,
      [id, document?.['id'], filename, key],
    )
  })
  return await versionWithId(database, id)
}

/** An upload that was broken off. */
export const failUpload = (database: Database, id: string, error: string): Promise<void> =>
  change(
    database,
    id,
    `status = 'failed', error = $2 where id = $1 and status = 'uploading'`,
    [error],
  )

/** Takes a version away, with its document if it was the last. */
export async function remove(database: Database, { id }: Version): Promise<void> {
  await database.transaction(async (query) => {
    // Another transaction for the same document waits, or is waited for.
    const [document] = await query(
      `select id from documents where id = (select document_id from versions where id = $1)
       for update`,
      [id],
    )
    if (document === undefined) return
    await query('delete from versions where id = $1', [id])
    await query(
      `delete from documents where id = $1
       and not exists (select 1 from versions where document_id = documents.id)`,
      [document['id']],
    )
    await notify(query, id)
  })
}

/** Every change of a version makes its revision larger, and notifies everyone who shows it. */
export const TOUCH = 'revision = revision + 1'
export const notify = (query: Query, id: string): Promise<unknown> =>
  query("select pg_notify('versions', $1)", [id])

/** @param what the rest of an `update`; `$1` is the id */
export async function change(
  database: Database,
  id: string,
  what: string,
  values: readonly unknown[],
): Promise<void> {
  await database.query(`update versions set ${TOUCH}, ${what}`, [id, ...values])
  await notify(database.query, id)
}

export async function findVersion(database: Database, id: string): Promise<Version | undefined> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return undefined
  const [row] = await database.query(`${SELECT} where versions.id = $1`, [id])
  return row && versionFrom(row)
}

export async function versionWithId(database: Database, id: string): Promise<Version> {
  const version = await findVersion(database, id)
  if (version !== undefined) return version
  throw new Error(`there is no version ${id}`)
}

/** All versions of a document, the newest first. */
export const versionsOf = async (database: Database, slug: string): Promise<Version[]> =>
  (await database.query(`${SELECT} where slug = $1 order by n desc limit 100`, [slug])).map(
    versionFrom,
  )

export const latest = async (database: Database): Promise<Version[]> =>
  (await database.query(`${SELECT} order by time_uploaded desc limit 20`)).map(versionFrom)

export const failed = async (database: Database): Promise<Version[]> =>
  (
    await database.query(
      `${SELECT} where status = 'failed' order by time_uploaded desc limit 100`,
    )
  ).map(versionFrom)

/** `{word: count}` as the tutorial stores it; written by hand, since `__proto__` may be a word. */
export const jsonOfCounts = (top: readonly (readonly [string, number])[]): string =>
  `{${top.map(([word, count]) => `${JSON.stringify(word)}: ${count}`).join(', ')}}`

const number = (value: unknown): number | null => (value === null ? null : Number(value))
const date = (value: unknown): Date | null => (value === null ? null : new Date(value as Date))

const versionFrom = (row: Row): Version => ({
  id: String(row['id']),
  name: String(row['name']),
  slug: String(row['slug']),
  n: Number(row['n']),
  filename: String(row['filename']),
  key: String(row['s3_key']),
  bytes: number(row['bytes']),
  status: row['status'] as Status,
  attempt: Number(row['attempt']),
  doneBytes: Number(row['done_bytes']),
  error: row['error'] as string | null,
  uploadedAt: new Date(row['time_uploaded'] as Date),
  queuedAt: date(row['queued_at']),
  startedAt: date(row['started_at']),
  countedAt: date(row['counted_at']),
  totalWords: number(row['total_words']),
  distinctWords: number(row['distinct_words']),
  approximate: row['approximate'] === true,
  unreadable: Number(row['unreadable']),
  revision: Number(row['revision']),
  words:
    row['word_counts'] === null
      ? null
      : Object.entries(row['word_counts'] as Record<string, number>).toSorted(
          ([a, x], [b, y]) => y - x || (a < b ? -1 : a > b ? 1 : 0),
        ),
})
