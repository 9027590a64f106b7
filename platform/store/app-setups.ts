import { nullable, text } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import { Table } from './table.ts'

const APP_SETUPS = defineTable({
  name: 'app_setups',
  one: 'app setup',
  columns: {
    id: text,
    appId: text,
    accountId: text,
    /** Its state, and that of its release, are the setup's. */
    buildId: nullable(text),
    createdAt: text,
    updatedAt: text,
  },
})

/** An app made from a source with an `app.json`, on its way to its first release. */
export type AppSetup = RowOf<typeof APP_SETUPS>

export function appSetupsTable(db: Database, now: () => string) {
  const setups = new Table(db, APP_SETUPS, now)
  return {
    create: (setup: Pick<AppSetup, 'appId' | 'accountId' | 'buildId'>): AppSetup =>
      setups.insert(setup),
    find: (id: string): AppSetup | undefined => setups.find('where id = ?', id),
    ofApp: (appId: string): AppSetup | undefined =>
      setups.find('where app_id = ? order by created_at desc limit 1', appId),
  }
}
