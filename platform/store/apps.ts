import { randomUUID } from 'node:crypto'
import type { Database, Row } from './database.ts'

export type App = Readonly<{
  id: string
  name: string
  ownerId: string
  stack: string
  maintenance: boolean
  repoSize: number | null
  slugSize: number | null
  createdAt: string
  updatedAt: string
  releasedAt: string | null
}>

export type AppChange = Partial<
  Pick<App, 'name' | 'stack' | 'maintenance' | 'repoSize' | 'slugSize' | 'releasedAt' | 'ownerId'>
>

export function appsTable(db: Database, now: () => string) {
  const table = {
    create(name: string, ownerId: string): App {
      const at = now()
      const id = randomUUID()
      db.run(
        'insert into apps (id, name, owner_id, created_at, updated_at) values (?, ?, ?, ?, ?)',
        id,
        name,
        ownerId,
        at,
        at,
      )
      return table.get(id)
    },
    find(nameOrId: string): App | undefined {
      const row = db.get('select * from apps where id = ? or name = ?', nameOrId, nameOrId)
      return row === undefined ? undefined : appOf(row)
    },
    /** An app that must be there, e.g. the one a build belongs to. */
    get(id: string): App {
      const app = table.find(id)
      if (app === undefined) throw new Error(`app ${id} is gone`)
      return app
    },
    list: (): App[] => db.all('select * from apps order by name').map(appOf),
    /** Apps that an account owns or collaborates on. */
    ofAccount: (accountId: string): App[] =>
      db
        .all(
          `select * from apps where owner_id = ?1
            or id in (select app_id from collaborators where account_id = ?1) order by name`,
          accountId,
        )
        .map(appOf),
    update(id: string, change: AppChange): App {
      const next = { ...table.get(id), ...change }
      db.run(
        `update apps set name = ?, owner_id = ?, stack = ?, maintenance = ?, repo_size = ?,
          slug_size = ?, released_at = ?, updated_at = ? where id = ?`,
        next.name,
        next.ownerId,
        next.stack,
        next.maintenance ? 1 : 0,
        next.repoSize,
        next.slugSize,
        next.releasedAt,
        now(),
        id,
      )
      return table.get(id)
    },
    remove(id: string): void {
      db.run('delete from apps where id = ?', id)
    },
  }
  return table
}

const appOf = (row: Row): App => ({
  id: row['id'] as string,
  name: row['name'] as string,
  ownerId: row['owner_id'] as string,
  stack: row['stack'] as string,
  maintenance: row['maintenance'] === 1,
  repoSize: row['repo_size'] as number | null,
  slugSize: row['slug_size'] as number | null,
  createdAt: row['created_at'] as string,
  updatedAt: row['updated_at'] as string,
  releasedAt: row['released_at'] as string | null,
})
