import { text, withDefault } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import { Table } from './table.ts'

const COLLABORATORS = defineTable({
  name: 'collaborators',
  one: 'collaborator',
  columns: {
    id: text,
    appId: text,
    accountId: text,
    /** With commas, e.g. `view,deploy`. */
    permissions: withDefault(text),
    createdAt: text,
    updatedAt: text,
  },
})

export type Collaborator = RowOf<typeof COLLABORATORS>

export function collaboratorsTable(db: Database, now: () => string) {
  const collaborators = new Table(db, COLLABORATORS, now)
  return {
    list: (appId: string): Collaborator[] =>
      collaborators.all('where app_id = ? order by created_at', appId),
    find: (appId: string, accountId: string): Collaborator | undefined =>
      collaborators.find('where app_id = ? and account_id = ?', appId, accountId),
    /** Adding an account twice changes its permissions at most. */
    add(appId: string, accountId: string, permissions?: readonly string[]): Collaborator {
      const given = permissions === undefined ? {} : { permissions: permissions.join(',') }
      const keep = `on conflict (app_id, account_id) do update set permissions = ${
        permissions === undefined ? 'permissions' : 'excluded.permissions'
      }`
      return collaborators.upsert({ appId, accountId, ...given }, keep)
    },
    remove(appId: string, accountId: string): boolean {
      const row = collaborators.find('where app_id = ? and account_id = ?', appId, accountId)
      if (row !== undefined) collaborators.remove(row.id)
      return row !== undefined
    },
  }
}
