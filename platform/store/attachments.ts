import { nullable, text } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import { Table } from './table.ts'

const ATTACHMENTS = defineTable({
  name: 'addon_attachments',
  one: 'attachment',
  columns: {
    id: text,
    appId: text,
    addonId: text,
    /** e.g. `DATABASE` or `HEROKU_POSTGRESQL_ROSE`. */
    name: text,
    /** `credential:NAME`, or null for the default credential. */
    namespace: nullable(text),
    createdAt: text,
    updatedAt: text,
  },
})

/** An add-on as one app knows it: under a name that begins its config vars. */
export type Attachment = RowOf<typeof ATTACHMENTS>

export type NewAttachment = Pick<Attachment, 'appId' | 'addonId' | 'name' | 'namespace'>

export function attachmentsTable(db: Database, now: () => string) {
  const attachments = new Table(db, ATTACHMENTS, now)
  return {
    create: (attachment: NewAttachment): Attachment => attachments.insert(attachment),
    find: (id: string): Attachment | undefined => attachments.find('where id = ?', id),
    /** Oldest first. */
    ofApp: (appId: string): Attachment[] =>
      attachments.all('where app_id = ? order by created_at, name', appId),
    ofAddon: (addonId: string): Attachment[] =>
      attachments.all('where addon_id = ? order by created_at, name', addonId),
    remove: (id: string): void => attachments.remove(id),
  }
}
