import type { Database } from './database.ts'

/** A buildpack that an app's owner has chosen; several run in the order of the list. */
export type BuildpackInstallation = Readonly<{
  /** As the user typed it: a name, an URN, or a URL. */
  url: string
  /** What the CLI shows, e.g. `heroku/nodejs`. */
  name: string
}>

export function buildpackInstallationsTable(db: Database) {
  return {
    list: (appId: string): BuildpackInstallation[] =>
      db
        .all(
          'select url, name from buildpack_installations where app_id = ? order by ordinal',
          appId,
        )
        .map((row) => ({ url: row['url'] as string, name: row['name'] as string })),
    /** Replaces the whole list. */
    replace(appId: string, installations: readonly BuildpackInstallation[]): void {
      db.transaction(() => {
        db.run('delete from buildpack_installations where app_id = ?', appId)
        installations.forEach(({ url, name }, ordinal) => {
          db.run(
            'insert into buildpack_installations (app_id, ordinal, url, name) values (?, ?, ?, ?)',
            appId,
            ordinal,
            url,
            name,
          )
        })
      })
    },
  }
}
