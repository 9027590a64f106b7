import { text } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import { Table } from './table.ts'

const ACCOUNT_KEYS = defineTable({
  name: 'account_keys',
  one: 'key',
  columns: {
    id: text,
    accountId: text,
    fingerprint: text,
    publicKey: text,
    comment: text,
    createdAt: text,
  },
})

/** A public SSH key that an account has registered. */
export type AccountKey = RowOf<typeof ACCOUNT_KEYS>

export function accountKeysTable(db: Database, now: () => string) {
  const keys = new Table(db, ACCOUNT_KEYS, now)
  return {
    list: (accountId: string): AccountKey[] =>
      keys.all('where account_id = ? order by created_at', accountId),
    /** Adding a key again changes its comment. */
    add: (key: Omit<AccountKey, 'id' | 'createdAt'>): AccountKey =>
      keys.upsert(
        key,
        'on conflict (account_id, fingerprint) do update set comment = excluded.comment',
      ),
    remove(accountId: string, id: string): void {
      db.run('delete from account_keys where account_id = ? and id = ?', accountId, id)
    },
  }
}
