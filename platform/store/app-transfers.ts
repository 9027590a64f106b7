import { oneOf, text } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import { Table } from './table.ts'

const APP_TRANSFERS = defineTable({
  name: 'app_transfers',
  one: 'app transfer',
  columns: {
    id: text,
    appId: text,
    ownerId: text,
    recipientId: text,
    state: oneOf('pending', 'accepted', 'declined'),
    createdAt: text,
    updatedAt: text,
  },
})

/** An app on its way to another owner. */
export type AppTransfer = RowOf<typeof APP_TRANSFERS>

export function appTransfersTable(db: Database, now: () => string) {
  const transfers = new Table(db, APP_TRANSFERS, now)
  return {
    create: (
      transfer: Pick<AppTransfer, 'appId' | 'ownerId' | 'recipientId' | 'state'>,
    ): AppTransfer => transfers.insert(transfer),
    find: (id: string): AppTransfer | undefined => transfers.find('where id = ?', id),
    /** Those that an account gives or gets. */
    ofAccount: (accountId: string): AppTransfer[] =>
      transfers.all('where owner_id = ?1 or recipient_id = ?1 order by created_at', accountId),
    pendingOf: (appId: string): AppTransfer | undefined =>
      transfers.find(`where app_id = ? and state = 'pending'`, appId),
    setState: (id: string, state: AppTransfer['state']): AppTransfer =>
      transfers.update(id, { state }),
    remove: (id: string): void => transfers.remove(id),
  }
}
