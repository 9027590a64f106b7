import { randomUUID } from 'node:crypto'
import { blob, text } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import type { Secrets } from './secrets.ts'
import { Table } from './table.ts'

const LOG_DRAINS = defineTable({
  name: 'log_drains',
  one: 'drain',
  columns: {
    id: text,
    appId: text,
    sealedUrl: blob,
    /** Names the app to the receiver. */
    token: text,
    createdAt: text,
    updatedAt: text,
  },
})

type LogDrainRow = RowOf<typeof LOG_DRAINS>

/** Where an app's log is sent to as well. */
export type LogDrain = Omit<LogDrainRow, 'sealedUrl'> &
  Readonly<{
    /** May carry credentials. */
    url: string
  }>

export function logDrainsTable(db: Database, secrets: Secrets, now: () => string) {
  const drains = new Table(db, LOG_DRAINS, now)
  const about = (id: string): string => `log-drain/${id}`
  const drainOf = ({ sealedUrl, ...drain }: LogDrainRow): LogDrain => ({
    ...drain,
    url: secrets.open(sealedUrl, about(drain.id)),
  })
  return {
    create(appId: string, url: string): LogDrain {
      const id = randomUUID()
      const sealedUrl = secrets.seal(url, about(id))
      return drainOf(drains.insert({ id, appId, sealedUrl, token: `d.${randomUUID()}` }))
    },
    /** Those of one app, or all. */
    list: (appId?: string): LogDrain[] =>
      drains
        .all('where ?1 is null or app_id = ?1 order by created_at, id', appId ?? null)
        .map(drainOf),
    remove: (id: string): void => drains.remove(id),
  }
}
