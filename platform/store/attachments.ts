import { randomUUID } from 'node:crypto'
import type { Database, Row } from './database.ts'

/** An add-on as one app knows it: under a name that begins its config vars. */
export type Attachment = Readonly<{
  id: string
  appId: string
  addonId: string
  /** e.g. `DATABASE` or `HEROKU_POSTGRESQL_ROSE`. */
  name: string
  /** `credential:NAME`, or null for the default credential. */
  namespace: string | null
  createdAt: string
  updatedAt: string
}>

export type NewAttachment = Pick<Attachment, 'appId' | 'addonId' | 'name' | 'namespace'>

export function attachmentsTable(db: Database, now: () => string) {
  const table = {
    create(attachment: NewAttachment): Attachment {
      const id = randomUUID()
      const at = now()
      db.run(
        `insert into addon_attachments (id, app_id, addon_id, name, namespace, created_at, updated_at)
          values (?, ?, ?, ?, ?, ?, ?)`,
        id,
        attachment.appId,
        attachment.addonId,
        attachment.name,
        attachment.namespace,
        at,
        at,
      )
      return { ...attachment, id, createdAt: at, updatedAt: at }
    },
    find(id: string): Attachment | undefined {
      const row = db.get('select * from addon_attachments where id = ?', id)
      return row === undefined ? undefined : attachmentOf(row)
    },
    /** Oldest first. */
    ofApp: (appId: string): Attachment[] =>
      db
        .all('select * from addon_attachments where app_id = ? order by created_at, name', appId)
        .map(attachmentOf),
    ofAddon: (addonId: string): Attachment[] =>
      db
        .all(
          'select * from addon_attachments where addon_id = ? order by created_at, name',
          addonId,
        )
        .map(attachmentOf),
    remove(id: string): void {
      db.run('delete from addon_attachments where id = ?', id)
    },
  }
  return table
}

const attachmentOf = (row: Row): Attachment => ({
  id: row['id'] as string,
  appId: row['app_id'] as string,
  addonId: row['addon_id'] as string,
  name: row['name'] as string,
  namespace: row['namespace'] as string | null,
  createdAt: row['created_at'] as string,
  updatedAt: row['updated_at'] as string,
})
