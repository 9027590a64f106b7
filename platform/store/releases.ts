import { randomUUID } from 'node:crypto'
import type { ConfigVar } from './config-vars.ts'
import type { Database, Row } from './database.ts'
import type { Secrets } from './secrets.ts'

export type ReleaseStatus = 'pending' | 'succeeded' | 'failed' | 'expired'

export type Release = Readonly<{
  id: string
  appId: string
  version: number
  description: string
  status: ReleaseStatus
  slugId: string | null
  accountId: string
  /** Secret path of the release phase's output; null where there is no release phase. */
  outputSecret: string | null
  addonPlans: readonly string[]
  createdAt: string
  updatedAt: string
}>

export type NewRelease = Readonly<{
  appId: string
  accountId: string
  description: string
  slugId: string | null
  status: ReleaseStatus
  outputSecret: string | null
  config: readonly ConfigVar[]
  addonPlans: readonly string[]
}>

export function releasesTable(db: Database, secrets: Secrets, now: () => string) {
  const table = {
    /** Adds the app's next release; versions only grow. */
    create(release: NewRelease): Release {
      const id = randomUUID()
      const at = now()
      const last = db.get(
        'select max(version) as version from releases where app_id = ?',
        release.appId,
      )
      const version = ((last?.['version'] as number | null | undefined) ?? 0) + 1
      db.run(
        `insert into releases (id, app_id, version, description, status, slug_id, account_id,
          output_secret, sealed_config, addon_plans, created_at, updated_at)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        id,
        release.appId,
        version,
        release.description,
        release.status,
        release.slugId,
        release.accountId,
        release.outputSecret,
        secrets.seal(JSON.stringify(release.config), `${release.appId}/release/${id}`),
        JSON.stringify(release.addonPlans),
        at,
        at,
      )
      return table.get(id)
    },
    get(id: string): Release {
      const row = db.get('select * from releases where id = ?', id)
      if (row === undefined) throw new Error(`release ${id} is gone`)
      return releaseOf(row)
    },
    /** @param key version (`3` or `v3`) or id */
    find(appId: string, key: string): Release | undefined {
      const version = /^v?\d+$/.test(key) ? Number(key.replace('v', '')) : -1
      const row = db.get(
        'select * from releases where app_id = ? and (version = ? or id = ?)',
        appId,
        version,
        key,
      )
      return row === undefined ? undefined : releaseOf(row)
    },
    byOutputSecret(secret: string): Release | undefined {
      const row = db.get('select * from releases where output_secret = ?', secret)
      return row === undefined ? undefined : releaseOf(row)
    },
    /** Newest last. */
    list: (appId: string): Release[] =>
      db.all('select * from releases where app_id = ? order by version', appId).map(releaseOf),
    /** The newest succeeded one: what the app should be running. */
    current(appId: string): Release | undefined {
      const row = db.get(
        `select * from releases where app_id = ? and status = 'succeeded'
          order by version desc limit 1`,
        appId,
      )
      return row === undefined ? undefined : releaseOf(row)
    },
    pending: (): Release[] =>
      db.all(`select * from releases where status = 'pending' order by created_at`).map(releaseOf),
    /** The config vars as they were when the release was made. */
    config(release: Pick<Release, 'id' | 'appId'>): ConfigVar[] {
      const row = db.get('select sealed_config from releases where id = ?', release.id)
      const sealed = row?.['sealed_config'] as Uint8Array
      return JSON.parse(
        secrets.open(sealed, `${release.appId}/release/${release.id}`),
      ) as ConfigVar[]
    },
    setStatus(id: string, status: ReleaseStatus): Release {
      db.run('update releases set status = ?, updated_at = ? where id = ?', status, now(), id)
      return table.get(id)
    },
  }
  return table
}

const releaseOf = (row: Row): Release => ({
  id: row['id'] as string,
  appId: row['app_id'] as string,
  version: row['version'] as number,
  description: row['description'] as string,
  status: row['status'] as ReleaseStatus,
  slugId: row['slug_id'] as string | null,
  accountId: row['account_id'] as string,
  outputSecret: row['output_secret'] as string | null,
  addonPlans: JSON.parse(row['addon_plans'] as string) as string[],
  createdAt: row['created_at'] as string,
  updatedAt: row['updated_at'] as string,
})
