import type { FileCounts } from './counting/count-stream.ts'
import type { Database, Query } from './database.ts'
import { change, jsonOfCounts, notify, TOUCH, versionWithId, type Version } from './documents.ts'
import type { Stored } from './object-store.ts'

/** What the queue carries: the tutorial's three keys and ours. */
export type Job = Readonly<{
  v: 1
  id: string
  document_slug: string
  time_uploaded: string
  s3_key: string
  /** How often it has been tried before. */
  attempt: number
}>

/** How long a worker may be silent before another one takes its job. */
const LEASE = "interval '20 seconds'"
/** What has waited so long is published again: a broker may have lost it. */
const LOST_AFTER = "interval '5 minutes'"
/** Of outbox entries that are done, and of uploads that no one finishes. */
const KEPT_FOR = "interval '1 day'"

/** The file is there: from now on the count is owed, even if this process dies. */
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
  // With all digits of the time: together with the slug it is the key of the tutorial's table.
  const [row] = await query(
    `select slug, s3_key, attempt,
       to_char(time_uploaded at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') as time
     from versions join documents on documents.id = document_id where versions.id = $1`,
    [id],
  )
  if (row === undefined) return
  const job: Job = {
    v: 1,
    id,
    document_slug: String(row['slug']),
    time_uploaded: String(row['time']),
    s3_key: String(row['s3_key']),
    attempt: Number(row['attempt']),
  }
  await query('insert into outbox (version_id, payload) values ($1, $2)', [id, JSON.stringify(job)])
}

/**
 * Takes a version to count, for one lease at a time.
 *
 * @returns undefined if it is done, or someone else is at it
 */
export async function claim(database: Database, id: string): Promise<Version | undefined> {
  const rows = await database.query(
    `update versions set status = 'counting', attempt = attempt + 1, started_at = now(),
     done_bytes = 0, lease_until = now() + ${LEASE}, ${TOUCH}
     where id = $1 and (status = 'queued' or (status = 'counting' and lease_until < now()))
     returning id`,
    [id],
  )
  if (rows.length === 0) return undefined
  await notify(database.query, id)
  return await versionWithId(database, id)
}

/** Reports how far a count is, and keeps it ours. @returns whether it still is */
export async function report(database: Database, version: Version, bytes: number): Promise<boolean> {
  const rows = await database.query(
    `update versions set done_bytes = $3, lease_until = now() + ${LEASE}, ${TOUCH}
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
  counts: FileCounts,
): Promise<void> {
  await database.query(
    `update versions set status = 'done', counted_at = now(), lease_until = null, error = null,
     done_bytes = $3, total_words = $4, distinct_words = $5, approximate = $6, word_counts = $7,
     unreadable = $8, ${TOUCH} where id = $1 and attempt = $2 and status = 'counting'`,
    [
      version.id,
      version.attempt,
      counts.bytes,
      counts.totalWords,
      counts.distinctWords,
      counts.approximate,
      jsonOfCounts(counts.top),
      counts.unreadable,
    ],
  )
  await notify(database.query, version.id)
}

/** Gives a version back to the queue, or up. */
export const putBack = (database: Database, version: Version, error: string, isFinal: boolean) =>
  change(
    database,
    version.id,
    `status = $3, error = $2, lease_until = null where id = $1 and attempt = $4
     and status = 'counting'`,
    [error, isFinal ? 'failed' : 'queued', version.attempt],
  )

/** Gives a version back untried: this process stops, another one will do it. */
export const release = (database: Database, version: Version): Promise<void> =>
  change(
    database,
    version.id,
    `status = 'queued', attempt = attempt - 1, queued_at = now(), lease_until = null
     where id = $1 and attempt = $2 and status = 'counting'`,
    [version.attempt],
  )

/** For a version that failed, by hand: again from the beginning. @returns whether it can be */
export const retry = (database: Database, id: string): Promise<boolean> =>
  database.transaction(async (query) => {
    const rows = await query(
      `update versions set status = 'queued', attempt = 0, error = null, queued_at = now(), ${TOUCH}
       where id::text = $1 and status = 'failed' and bytes is not null returning id`,
      [id],
    )
    if (rows.length === 0) return false
    await owe(query, id)
    await notify(query, id)
    return true
  })

/**
 * Owes again what a dead worker left and what a broker lost; gives up what has killed
 * `attemptsMax` workers, and unfinished uploads.
 */
export async function reclaim(database: Database, attemptsMax: number): Promise<void> {
  await database.query(
    `update versions set status = 'failed', lease_until = null, ${TOUCH},
       error = 'Workers ended in the middle of it ' || attempt || ' times.'
     where status = 'counting' and lease_until < now() and attempt >= $1`,
    [attemptsMax],
  )
  await database.transaction(async (query) => {
    const rows = await query(
      `update versions set status = 'queued', queued_at = now(), ${TOUCH}
       where (status = 'counting' and lease_until < now())
       or (status = 'queued' and queued_at < now() - ${LOST_AFTER}
         and not exists (select 1 from outbox where version_id = versions.id
           and published_at is null))
       returning id`,
    )
    for (const row of rows) await owe(query, String(row['id']))
  })
  await database.query(
    `update versions set status = 'failed', error = 'The upload was never finished.', ${TOUCH}
     where status = 'uploading' and time_uploaded < now() - ${KEPT_FOR}`,
  )
  await database.query(`delete from outbox where published_at < now() - ${KEPT_FOR}`)
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
