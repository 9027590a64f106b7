import { randomUUID } from 'node:crypto'
import type { Database, Row } from './database.ts'

/** Where a build's source comes from. */
export type BuildSource =
  | Readonly<{ kind: 'commit'; sha: string }>
  /** A tarball uploaded to `POST /sources`, or at a URL. */
  | Readonly<{ kind: 'tarball'; url: string }>

export type BuildStatus = 'pending' | 'succeeded' | 'failed'

export type Build = Readonly<{
  id: string
  appId: string
  status: BuildStatus
  accountId: string
  source: BuildSource
  /** Commit, or the version that an API client gave. */
  sourceVersion: string | null
  slugId: string | null
  releaseId: string | null
  buildpacks: readonly Readonly<{ name: string; url: string }>[]
  outputSecret: string
  failure: string | null
  createdAt: string
  updatedAt: string
}>

export type NewBuild = Pick<
  Build,
  'appId' | 'accountId' | 'source' | 'sourceVersion' | 'outputSecret'
>

export type BuildEnd =
  /** A build that only ran tests has neither slug nor release. */
  | Readonly<{ status: 'succeeded'; slugId: string | null; releaseId: string | null }>
  | Readonly<{ status: 'failed'; failure: string }>

export function buildsTable(db: Database, now: () => string) {
  const table = {
    /** Adds a pending build. The caller has made sure that no other build of the app is pending. */
    create(build: NewBuild): Build {
      const id = randomUUID()
      const at = now()
      db.run(
        `insert into builds (id, app_id, status, account_id, source, source_version, output_secret,
          created_at, updated_at) values (?, ?, 'pending', ?, ?, ?, ?, ?, ?)`,
        id,
        build.appId,
        build.accountId,
        JSON.stringify(build.source),
        build.sourceVersion,
        build.outputSecret,
        at,
        at,
      )
      return table.get(id)
    },
    find: (appId: string, id: string): Build | undefined =>
      first(db.get('select * from builds where app_id = ? and id = ?', appId, id)),
    get(id: string): Build {
      const build = first(db.get('select * from builds where id = ?', id))
      if (build === undefined) throw new Error(`build ${id} is gone`)
      return build
    },
    byOutputSecret: (secret: string): Build | undefined =>
      first(db.get('select * from builds where output_secret = ?', secret)),
    /** The one build of an app that has not ended. */
    pendingOf: (appId: string): Build | undefined =>
      first(db.get(`select * from builds where app_id = ? and status = 'pending'`, appId)),
    pending: (): Build[] => db.all(`select * from builds where status = 'pending'`).map(buildOf),
    /** Oldest first. */
    list: (appId: string): Build[] =>
      db
        .all('select * from builds where app_id = ? order by created_at, rowid', appId)
        .map(buildOf),
    setBuildpacks(id: string, buildpacks: Build['buildpacks']): void {
      db.run(
        'update builds set buildpacks = ?, updated_at = ? where id = ?',
        JSON.stringify(buildpacks),
        now(),
        id,
      )
    },
    end(id: string, end: BuildEnd): Build {
      const succeeded = end.status === 'succeeded'
      db.run(
        `update builds set status = ?, slug_id = ?, release_id = ?, failure = ?, updated_at = ?
          where id = ?`,
        end.status,
        succeeded ? end.slugId : null,
        succeeded ? end.releaseId : null,
        succeeded ? null : end.failure,
        now(),
        id,
      )
      return table.get(id)
    },
    remove(id: string): void {
      db.run('delete from builds where id = ?', id)
    },
  }
  return table
}

const first = (row: Row | undefined): Build | undefined =>
  row === undefined ? undefined : buildOf(row)

const buildOf = (row: Row): Build => ({
  id: row['id'] as string,
  appId: row['app_id'] as string,
  status: row['status'] as BuildStatus,
  accountId: row['account_id'] as string,
  source: JSON.parse(row['source'] as string) as BuildSource,
  sourceVersion: row['source_version'] as string | null,
  slugId: row['slug_id'] as string | null,
  releaseId: row['release_id'] as string | null,
  buildpacks: JSON.parse(row['buildpacks'] as string) as Build['buildpacks'],
  outputSecret: row['output_secret'] as string,
  failure: row['failure'] as string | null,
  createdAt: row['created_at'] as string,
  updatedAt: row['updated_at'] as string,
})
