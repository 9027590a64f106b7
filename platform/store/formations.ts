import { randomUUID } from 'node:crypto'
import type { Database, Row } from './database.ts'

/** How many dynos of a process type an app should run, and how. */
export type Formation = Readonly<{
  id: string
  appId: string
  type: string
  quantity: number
  /** Canonical name, e.g. `Standard-1X`. */
  size: string
  command: string
  createdAt: string
  updatedAt: string
}>

export function formationsTable(db: Database, now: () => string) {
  const table = {
    list: (appId: string): Formation[] =>
      db.all('select * from formations where app_id = ? order by type', appId).map(formationOf),
    find(appId: string, type: string): Formation | undefined {
      const row = db.get('select * from formations where app_id = ? and type = ?', appId, type)
      return row === undefined ? undefined : formationOf(row)
    },
    set(appId: string, entry: Pick<Formation, 'type' | 'quantity' | 'size' | 'command'>): void {
      const at = now()
      db.run(
        `insert into formations (id, app_id, type, quantity, size, command, created_at, updated_at)
          values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
          on conflict (app_id, type) do update set quantity = excluded.quantity,
          size = excluded.size, command = excluded.command, updated_at = excluded.updated_at`,
        randomUUID(),
        appId,
        entry.type,
        entry.quantity,
        entry.size,
        entry.command,
        at,
      )
    },
    remove(appId: string, type: string): void {
      db.run('delete from formations where app_id = ? and type = ?', appId, type)
    },
  }
  return table
}

const formationOf = (row: Row): Formation => ({
  id: row['id'] as string,
  appId: row['app_id'] as string,
  type: row['type'] as string,
  quantity: row['quantity'] as number,
  size: row['size'] as string,
  command: row['command'] as string,
  createdAt: row['created_at'] as string,
  updatedAt: row['updated_at'] as string,
})
