import { randomUUID } from 'node:crypto'
import type { Counts } from './counting/counter.ts'
import type { Database, Query, Row } from './database.ts'
import type { Stored } from './object-store.ts'
import { slugOf } from './slug.ts'

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
  /** Grows with every change. */
  revision: number
  /** Pairs, so that a word such as `__proto__` is one like any other. */
  words: readonly (readonly [string, number])[] | null
}>

/** What the queue carries: the tutorial's three keys and ours. */
export type Job = Readonly<{
  v: 1
  id: string
  document_slug: string
  time_uploaded: string
  s3_key: string
}>

const SELECT = `select versions.*, documents.name, documents.slug
  from versions join documents on documents.id = document_id`
const TOUCH = 'revision = revision + 1'
/** Everybody who shows this version looks again. */
const notify = (query: Query, id: string) => query("select pg_notify('versions', $1)", [id])

/** A new version of the document of that name, which is made if there is none. */
export async function addVersion(
  database: Database,
  upload: Readonly<{ name: string; filename: string; keyPrefix: string }>,
): Promise<Version> {
  const id = randomUUID()
  const name = upload.name.trim().slice(0, NAME_LENGTH_MAX)
  const slug = slugOf(name).slice(0, SLUG_LENGTH_MAX) || id.slice(0, 8)
  const extension = /\.[a-z0-9]{1,10}$/i.exec(upload.filename)?.[0].toLowerCase() ?? ''
  const key = `${upload.keyPrefix}/${id.replaceAll('-', '')}${extension}`
  await database.transaction(async (query) => {
    // The row's lock makes uploads of one name take turns, so numbers have no holes or twins.
    const [document] = await query(
      `insert into documents (name, slug) values ($1, $2)
       on conflict (slug) do update set name = excluded.name returning id`,
      [name, slug],
    )
    await query(
      `insert into versions (id, document_id, n, filename, s3_key, status)
       values ($1, $2, (select coalesce(max(n), 0) + 1 from versions where document_id = $2), $3, $4,
       'uploading')`,
      [id, document?.['id'], upload.filename.slice(0, NAME_LENGTH_MAX), key],
    )
  })
  return await versionWithId(database, id)
}

const NAME_LENGTH_MAX = 200
const SLUG_LENGTH_MAX = 200

/** The file is there: from now on the count is owed, whatever happens to this process. */
export const queueVersion = (database: Database, id: string, stored: Stored): Promise<void> =>
  database.transaction(async (query) => {
    const [row] = await query(
      `update versions set status = 'queued', bytes = $2, etag = $3, queued_at = now(), ${TOUCH}
       where id = $1 and status = 'uploading' returning id`,
      [id, stored.bytes, stored.etag],
    )
    if (row === undefined) return
    await owe(query, id)
    await notify(query, id)
  })

async function owe(query: Query, id: string): Promise<void> {
  const [row] = await query(`${SELECT} where versions.id = $1`, [id])
  if (row === undefined) return
  const version = versionFrom(row)
  const job: Job = {
    v: 1,
    id,
    document_slug: version.slug,
    time_uploaded: version.uploadedAt.toISOString(),
    s3_key: version.key,
  }
  await query('insert into outbox (version_id, payload) values ($1, $2)', [id, JSON.stringify(job)])
}

/** An upload that was broken off. */
export const failUpload = (database: Database, id: string, error: string): Promise<void> =>
  change(
    database,
    id,
    `status = 'failed', error = $2 where id = $1 and status = 'uploading'`,
    [error],
  )

/**
 * Takes a version to count, for twenty seconds at a time.
 *
 * @returns undefined if it is done, or somebody else is at it
 */
export async function claim(database: Database, id: string): Promise<Version | undefined> {
  const rows = await database.query(
    `update versions set status = 'counting', attempt = attempt + 1, started_at = now(),
     done_bytes = 0, lease_until = now() + interval '20 seconds', ${TOUCH}
     where id = $1 and (status = 'queued' or (status = 'counting' and lease_until < now()))
     returning id`,
    [id],
  )
  if (rows.length === 0) return undefined
  await notify(database.query, id)
  return await versionWithId(database, id)
}

/** Tells how far a count is, and keeps it ours. @returns whether it still is */
export async function report(database: Database, version: Version, bytes: number): Promise<boolean> {
  const rows = await database.query(
    `update versions set done_bytes = $3, lease_until = now() + interval '20 seconds', ${TOUCH}
     where id = $1 and attempt = $2 and status = 'counting' returning id`,
    [version.id, version.attempt, bytes],
  )
  await notify(database.query, version.id)
  return rows.length > 0
}

/** Writes the counts of this attempt; a later attempt's are never overwritten. */
export async function finish(
  database: Database,
  version: Version,
  counts: Counts & Readonly<{ bytes: number }>,
): Promise<void> {
  await database.query(
    `update versions set status = 'done', counted_at = now(), lease_until = null, error = null,
     done_bytes = $3, total_words = $4, distinct_words = $5, approximate = $6, word_counts = $7,
     ${TOUCH} where id = $1 and attempt = $2 and status = 'counting'`,
    [
      version.id,
      version.attempt,
      counts.bytes,
      counts.totalWords,
      counts.distinctWords,
      counts.approximate,
      jsonOfCounts(counts.top),
    ],
  )
  await notify(database.query, version.id)
}

/** `{word: count}` as the tutorial stores it; written by hand, since `__proto__` may be a word. */
export const jsonOfCounts = (top: readonly (readonly [string, number])[]): string =>
  `{${top.map(([word, count]) => `${JSON.stringify(word)}: ${count}`).join(', ')}}`

/** Gives a version back to the queue, or up. */
export const putBack = (database: Database, version: Version, error: string, isFinal: boolean) =>
  change(
    database,
    version.id,
    `status = $3, error = $2, lease_until = null where id = $1 and attempt = ${version.attempt}
     and status = 'counting'`,
    [error, isFinal ? 'failed' : 'queued'],
  )

/** For a version that failed, by hand: once more from the beginning. */
export const retry = (database: Database, id: string): Promise<void> =>
  database.transaction(async (query) => {
    const rows = await query(
      `update versions set status = 'queued', attempt = 0, error = null, queued_at = now(), ${TOUCH}
       where id = $1 and status = 'failed' and bytes is not null returning id`,
      [id],
    )
    if (rows.length === 0) return
    await owe(query, id)
    await notify(query, id)
  })

/** Owes again what a dead worker left, what a broker lost, and gives up half-done uploads. */
export async function reclaim(database: Database): Promise<void> {
  await database.transaction(async (query) => {
    const rows = await query(
      `update versions set status = 'queued', queued_at = now(), ${TOUCH}
       where (status = 'counting' and lease_until < now())
       or (status = 'queued' and queued_at < now() - interval '5 minutes'
         and not exists (select 1 from outbox where version_id = versions.id
           and published_at is null))
       returning id`,
    )
    for (const row of rows) await owe(query, String(row['id']))
  })
  await database.query(
    `update versions set status = 'failed', error = 'The upload was never finished.', ${TOUCH}
     where status = 'uploading' and time_uploaded < now() - interval '1 day'`,
  )
  await database.query(`delete from outbox where published_at < now() - interval '1 day'`)
}

/** For the queue inside the database: a version that waits. */
export async function nextWaiting(database: Database): Promise<string | undefined> {
  const [row] = await database.query(
    `select id from versions where status = 'queued'
     and (attempt = 0 or lease_until is null or lease_until < now()) order by queued_at limit 1`,
  )
  return row && String(row['id'])
}

/** Publishes what is owed, in order; a row is done when `publish` has resolved for it. */
export async function drainOutbox(
  database: Database,
  publish: (payload: string, id: string) => Promise<void>,
): Promise<number> {
  return await database.transaction(async (query) => {
    const rows = await query(
      `select id, version_id, payload from outbox where published_at is null
       order by id limit 100 for update skip locked`,
    )
    await Promise.all(
      rows.map((row) => publish(String(row['payload']), String(row['version_id']))),
    )
    const ids = rows.map((row) => row['id'])
    await query('update outbox set published_at = now() where id = any($1)', [ids])
    return rows.length
  })
}

async function change(
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

async function versionWithId(database: Database, id: string): Promise<Version> {
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
  revision: Number(row['revision']),
  words:
    row['word_counts'] === null
      ? null
      : Object.entries(row['word_counts'] as Record<string, number>).toSorted(
          ([a, x], [b, y]) => y - x || (a < b ? -1 : a > b ? 1 : 0),
        ),
})
