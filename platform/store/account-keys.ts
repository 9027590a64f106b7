import { randomUUID } from 'node:crypto'
import type { Database, Row } from './database.ts'

/** A public SSH key that an account has registered. */
export type AccountKey = Readonly<{
  id: string
  accountId: string
  fingerprint: string
  publicKey: string
  comment: string
  createdAt: string
}>

export function accountKeysTable(db: Database, now: () => string) {
  return {
    list: (accountId: string): AccountKey[] =>
      db
        .all('select * from account_keys where account_id = ? order by created_at', accountId)
        .map(keyOf),
    add(key: Omit<AccountKey, 'id' | 'createdAt'>): AccountKey {
      const added = { ...key, id: randomUUID(), createdAt: now() }
      db.run(
        `insert into account_keys (id, account_id, fingerprint, public_key, comment, created_at)
          values (?, ?, ?, ?, ?, ?)
          on conflict (account_id, fingerprint) do update set comment = excluded.comment`,
        added.id,
        added.accountId,
        added.fingerprint,
        added.publicKey,
        added.comment,
        added.createdAt,
      )
      return added
    },
    remove(accountId: string, id: string): void {
      db.run('delete from account_keys where account_id = ? and id = ?', accountId, id)
    },
  }
}

const keyOf = (row: Row): AccountKey => ({
  id: row['id'] as string,
  accountId: row['account_id'] as string,
  fingerprint: row['fingerprint'] as string,
  publicKey: row['public_key'] as string,
  comment: row['comment'] as string,
  createdAt: row['created_at'] as string,
})
