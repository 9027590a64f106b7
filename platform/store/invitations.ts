import { randomBytes } from 'node:crypto'
import { nullable, text, writeOnly } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import { hashToken } from './secrets.ts'
import { Table } from './table.ts'

const INVITATIONS = defineTable({
  name: 'invitations',
  one: 'invitation',
  columns: {
    id: text,
    accountId: text,
    secretHash: writeOnly(text),
    /** The account of the person who invited. */
    invitedBy: text,
    expiresAt: text,
    usedAt: nullable(text),
    createdAt: text,
    updatedAt: text,
  },
})

export type Invitation = RowOf<typeof INVITATIONS>

export function invitationsTable(db: Database, now: () => string) {
  const invitations = new Table(db, INVITATIONS, now)
  const isOpen = 'secret_hash = ? and used_at is null and expires_at > ?'
  return {
    /** Makes a link's secret; older links of the account do not work any more. */
    create(
      accountId: string,
      invitedBy: string,
      expiresAt: string,
    ): Invitation & { secret: string } {
      // Short, so that a terminal shows the link in one line; 128 bits all the same.
      const secret = randomBytes(16).toString('base64url')
      db.run('delete from invitations where account_id = ? and used_at is null', accountId)
      const values = { accountId, invitedBy, expiresAt, secretHash: hashToken(secret) }
      return { ...invitations.insert(values), secret }
    },
    ofAccount: (accountId: string): Invitation[] =>
      invitations.all('where account_id = ? order by created_at', accountId),
    /** The invitation of a link that still works. */
    find: (secret: string): Invitation | undefined =>
      invitations.find(`where ${isOpen}`, hashToken(secret), now()),
    /** Uses a link up. @returns false if another was faster */
    use: (id: string): boolean =>
      db.run(
        'update invitations set used_at = ?1, updated_at = ?1 where id = ?2 and used_at is null',
        now(),
        id,
      ) > 0,
    /** Ends the links of an account. */
    withdraw: (accountId: string): number =>
      db.run('delete from invitations where account_id = ? and used_at is null', accountId),
  }
}
