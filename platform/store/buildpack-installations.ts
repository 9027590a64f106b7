import { integer, text, writeOnly } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import { Table } from './table.ts'

const BUILDPACK_INSTALLATIONS = defineTable({
  name: 'buildpack_installations',
  one: 'buildpack',
  columns: {
    appId: writeOnly(text),
    ordinal: writeOnly(integer),
    /** As the user typed it: a name, an URN, or a URL. */
    url: text,
    /** What the CLI shows, e.g. `heroku/nodejs`. */
    name: text,
  },
})

/** A buildpack that an app's owner has chosen; several run in the order of the list. */
export type BuildpackInstallation = RowOf<typeof BUILDPACK_INSTALLATIONS>

export function buildpackInstallationsTable(db: Database, now: () => string) {
  const table = new Table(db, BUILDPACK_INSTALLATIONS, now)
  return {
    list: (appId: string): BuildpackInstallation[] =>
      table.all('where app_id = ? order by ordinal', appId),
    /** Replaces the whole list. */
    replace(appId: string, installations: readonly BuildpackInstallation[]): void {
      db.transaction(() => {
        db.run('delete from buildpack_installations where app_id = ?', appId)
        for (const [ordinal, { url, name }] of installations.entries()) {
          table.insert({ appId, ordinal, url, name })
        }
      })
    },
  }
}
