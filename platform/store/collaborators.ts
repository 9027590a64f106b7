import { text } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import { Table } from './table.ts'

const COLLABORATORS = defineTable({
  name: 'collaborators',
  one: 'collaborator',
  columns: { id: text, appId: text, accountId: text, createdAt: text, updatedAt: text },
})

export type Collaborator = RowOf<typeof COLLABORATORS>

export function collaboratorsTable(db: Database, now: () => string) {
  const collaborators = new Table(db, COLLABORATORS, now)
  return {
    list: (appId: string): Collaborator[] =>
      collaborators.all('where app_id = ? order by created_at', appId),
    /** Adding an account twice changes nothing. */
    add(appId: string, accountId: string): void {
      collaborators.insertUnlessThere({ appId, accountId })
    },
    remove: (appId: string, accountId: string): boolean =>
      db.run('delete from collaborators where app_id = ? and account_id = ?', appId, accountId) > 0,
  }
}
