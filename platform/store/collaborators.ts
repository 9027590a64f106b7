import { randomUUID } from 'node:crypto'
import type { Database, Row } from './database.ts'

export type Collaborator = Readonly<{
  id: string
  appId: string
  accountId: string
  createdAt: string
  updatedAt: string
}>

export function collaboratorsTable(db: Database, now: () => string) {
  return {
    list: (appId: string): Collaborator[] =>
      db
        .all('select * from collaborators where app_id = ? order by created_at', appId)
        .map(collaboratorOf),
    /** Adding somebody twice changes nothing. */
    add(appId: string, accountId: string): void {
      db.run(
        `insert into collaborators (id, app_id, account_id, created_at, updated_at)
          values (?1, ?2, ?3, ?4, ?4) on conflict do nothing`,
        randomUUID(),
        appId,
        accountId,
        now(),
      )
    },
    remove: (appId: string, accountId: string): boolean =>
      db.run('delete from collaborators where app_id = ? and account_id = ?', appId, accountId) > 0,
  }
}

const collaboratorOf = (row: Row): Collaborator => ({
  id: row['id'] as string,
  appId: row['app_id'] as string,
  accountId: row['account_id'] as string,
  createdAt: row['created_at'] as string,
  updatedAt: row['updated_at'] as string,
})
