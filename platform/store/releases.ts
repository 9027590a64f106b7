import { randomUUID } from 'node:crypto'
import { blob, integer, json, nullable, oneOf, text, withDefault, writeOnly } from './columns.ts'
import type { ConfigVar } from './config-vars.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import type { Secrets } from './secrets.ts'
import { Table } from './table.ts'

const RELEASES = defineTable({
  name: 'releases',
  one: 'release',
  columns: {
    id: text,
    appId: text,
    version: integer,
    description: text,
    status: oneOf('pending', 'succeeded', 'failed', 'expired'),
    slugId: nullable(text),
    accountId: text,
    /** Secret path of the release phase's output; null where there is no release phase. */
    outputSecret: nullable(text),
    sealedConfig: writeOnly(blob),
    addonPlans: withDefault(json<readonly string[]>()),
    createdAt: text,
    updatedAt: text,
  },
})

export type Release = RowOf<typeof RELEASES>

export type ReleaseStatus = Release['status']

export type NewRelease = Omit<Release, 'id' | 'version' | 'createdAt' | 'updatedAt'> &
  Readonly<{ config: readonly ConfigVar[] }>

export function releasesTable(db: Database, secrets: Secrets, now: () => string) {
  const releases = new Table(db, RELEASES, now)
  const about = (release: Pick<Release, 'id' | 'appId'>): string =>
    `${release.appId}/release/${release.id}`
  const newest = (appId: string): Release | undefined =>
    releases.find('where app_id = ? order by version desc limit 1', appId)
  return {
    /** Adds the app's next release; versions only grow. */
    create({ config, ...release }: NewRelease): Release {
      const id = randomUUID()
      return releases.insert({
        ...release,
        id,
        version: (newest(release.appId)?.version ?? 0) + 1,
        sealedConfig: secrets.seal(JSON.stringify(config), about({ ...release, id })),
      })
    },
    get: (id: string): Release => releases.get(id),
    /** @param key version (`3` or `v3`) or id */
    find(appId: string, key: string): Release | undefined {
      const version = /^v?\d+$/.test(key) ? Number(key.replace('v', '')) : -1
      return releases.find('where app_id = ? and (version = ? or id = ?)', appId, version, key)
    },
    byOutputSecret: (secret: string): Release | undefined =>
      releases.find('where output_secret = ?', secret),
    /** Newest last. */
    list: (appId: string): Release[] => releases.all('where app_id = ? order by version', appId),
    /** The newest succeeded one: what the app should be running. */
    current: (appId: string): Release | undefined =>
      releases.find(
        `where app_id = ? and status = 'succeeded' order by version desc limit 1`,
        appId,
      ),
    pending: (): Release[] => releases.all(`where status = 'pending' order by created_at`),
    /** The config vars as they were when the release was made. */
    config(release: Pick<Release, 'id' | 'appId'>): ConfigVar[] {
      const sealed = releases.sealed(release.id, 'sealedConfig')
      return JSON.parse(secrets.open(sealed, about(release))) as ConfigVar[]
    },
    setStatus: (id: string, status: ReleaseStatus): Release => releases.update(id, { status }),
  }
}
