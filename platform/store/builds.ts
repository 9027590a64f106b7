import { json, nullable, oneOf, text, withDefault } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import { Table } from './table.ts'

/** Where a build's source comes from. */
export type BuildSource =
  | Readonly<{ kind: 'commit'; sha: string }>
  /** A tarball uploaded to `POST /sources`, or at a URL. */
  | Readonly<{ kind: 'tarball'; url: string }>

const BUILDS = defineTable({
  name: 'builds',
  one: 'build',
  columns: {
    id: text,
    appId: text,
    status: oneOf('pending', 'succeeded', 'failed'),
    accountId: text,
    source: json<BuildSource>(),
    /** Commit, or the version that an API client gave. */
    sourceVersion: nullable(text),
    slugId: nullable(text),
    releaseId: nullable(text),
    buildpacks: withDefault(json<readonly Readonly<{ name: string; url: string }>[]>()),
    outputSecret: text,
    failure: nullable(text),
    createdAt: text,
    updatedAt: text,
  },
})

export type Build = RowOf<typeof BUILDS>

export type BuildStatus = Build['status']

export type NewBuild = Pick<
  Build,
  'appId' | 'accountId' | 'source' | 'sourceVersion' | 'outputSecret'
>

export type BuildEnd =
  /** A build that only ran tests has neither slug nor release. */
  | Readonly<{ status: 'succeeded'; slugId: string | null; releaseId: string | null }>
  | Readonly<{ status: 'failed'; failure: string }>

export function buildsTable(db: Database, now: () => string) {
  const builds = new Table(db, BUILDS, now)
  return {
    /** Adds a pending build. The caller has made sure that no other build of the app is pending. */
    create: (build: NewBuild): Build => builds.insert({ ...build, status: 'pending' }),
    find: (appId: string, id: string): Build | undefined =>
      builds.find('where app_id = ? and id = ?', appId, id),
    get: (id: string): Build => builds.get(id),
    byOutputSecret: (secret: string): Build | undefined =>
      builds.find('where output_secret = ?', secret),
    /** The one build of an app that has not ended. */
    pendingOf: (appId: string): Build | undefined =>
      builds.find(`where app_id = ? and status = 'pending'`, appId),
    pending: (): Build[] => builds.all(`where status = 'pending'`),
    /** Oldest first. */
    list: (appId: string): Build[] =>
      builds.all('where app_id = ? order by created_at, rowid', appId),
    setBuildpacks(id: string, buildpacks: Build['buildpacks']): void {
      builds.updateIfThere(id, { buildpacks })
    },
    end: (id: string, end: BuildEnd): Build =>
      builds.update(id, { slugId: null, releaseId: null, failure: null, ...end }),
    remove: (id: string): void => builds.remove(id),
  }
}
