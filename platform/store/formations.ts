import { integer, text } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import { Table } from './table.ts'

const FORMATIONS = defineTable({
  name: 'formations',
  one: 'formation',
  columns: {
    id: text,
    appId: text,
    type: text,
    quantity: integer,
    /** Canonical name, e.g. `Standard-1X`. */
    size: text,
    command: text,
    createdAt: text,
    updatedAt: text,
  },
})

/** How many dynos of a process type an app should run, and how. */
export type Formation = RowOf<typeof FORMATIONS>

export function formationsTable(db: Database, now: () => string) {
  const formations = new Table(db, FORMATIONS, now)
  return {
    list: (appId: string): Formation[] => formations.all('where app_id = ? order by type', appId),
    find: (appId: string, type: string): Formation | undefined =>
      formations.find('where app_id = ? and type = ?', appId, type),
    set(appId: string, entry: Pick<Formation, 'type' | 'quantity' | 'size' | 'command'>): void {
      const { type, quantity, size, command } = entry
      formations.upsert(
        { appId, type, quantity, size, command },
        `on conflict (app_id, type) do update set quantity = excluded.quantity,
          size = excluded.size, command = excluded.command, updated_at = excluded.updated_at`,
      )
    },
    remove(appId: string, type: string): void {
      db.run('delete from formations where app_id = ? and type = ?', appId, type)
    },
  }
}
