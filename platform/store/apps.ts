import { flag, integer, nullable, text, withDefault } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import { Table } from './table.ts'

const APPS = defineTable({
  name: 'apps',
  one: 'app',
  columns: {
    id: text,
    name: text,
    ownerId: text,
    stack: withDefault(text),
    /** As it was asked for, `us` or `eu`: everything runs on this machine. */
    region: withDefault(text),
    maintenance: withDefault(flag),
    repoSize: nullable(integer),
    slugSize: nullable(integer),
    createdAt: text,
    updatedAt: text,
    releasedAt: nullable(text),
  },
})

export type App = RowOf<typeof APPS>

export type AppChange = Partial<
  Pick<App, 'name' | 'stack' | 'maintenance' | 'repoSize' | 'slugSize' | 'releasedAt' | 'ownerId'>
>

export function appsTable(db: Database, now: () => string) {
  const apps = new Table(db, APPS, now)
  return {
    create: (
      name: string,
      ownerId: string,
      more: Partial<Pick<App, 'stack' | 'region'>> = {},
    ): App => apps.insert({ name, ownerId, ...more }),
    find: (nameOrId: string): App | undefined => apps.find('where id = ?1 or name = ?1', nameOrId),
    /** An app that must be there, e.g. the one a build belongs to. */
    get: (id: string): App => apps.get(id),
    list: (): App[] => apps.all('order by name'),
    /** Apps that an account owns or collaborates on. */
    ofAccount: (accountId: string): App[] =>
      apps.all(
        `where owner_id = ?1
          or id in (select app_id from collaborators where account_id = ?1) order by name`,
        accountId,
      ),
    update: (id: string, change: AppChange): App => apps.update(id, change),
    remove: (id: string): void => apps.remove(id),
  }
}
