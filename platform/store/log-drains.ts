import { randomUUID } from 'node:crypto'
import type { Database, Row } from './database.ts'
import type { Secrets } from './secrets.ts'

/** Where an app's log is sent to as well. */
export type LogDrain = Readonly<{
  id: string
  appId: string
  /** May carry credentials. */
  url: string
  /** Names the app to the receiver. */
  token: string
  createdAt: string
  updatedAt: string
}>

export function logDrainsTable(db: Database, secrets: Secrets, now: () => string) {
  const drainOf = (row: Row): LogDrain => ({
    id: row['id'] as string,
    appId: row['app_id'] as string,
    url: secrets.open(row['sealed_url'] as Uint8Array, `log-drain/${row['id'] as string}`),
    token: row['token'] as string,
    createdAt: row['created_at'] as string,
    updatedAt: row['updated_at'] as string,
  })
  return {
    create(appId: string, url: string): LogDrain {
      const id = randomUUID()
      const token = `d.${randomUUID()}`
      const at = now()
      db.run(
        `insert into log_drains (id, app_id, sealed_url, token, created_at, updated_at)
          values (?, ?, ?, ?, ?, ?)`,
        id,
        appId,
        secrets.seal(url, `log-drain/${id}`),
        token,
        at,
        at,
      )
      return { id, appId, url, token, createdAt: at, updatedAt: at }
    },
    /** Those of one app, or all. */
    list: (appId?: string): LogDrain[] =>
      db
        .all(
          'select * from log_drains where ?1 is null or app_id = ?1 order by created_at, id',
          appId ?? null,
        )
        .map(drainOf),
    remove(id: string): void {
      db.run('delete from log_drains where id = ?', id)
    },
  }
}
