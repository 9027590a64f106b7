import { nullable, oneOf, text, withDefault, writeOnly } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import { hashToken, newSecret } from './secrets.ts'
import { Table } from './table.ts'

const ACCOUNTS = defineTable({
  name: 'accounts',
  one: 'account',
  columns: {
    id: text,
    email: text,
    name: nullable(text),
    passwordHash: nullable(text),
    /** `owner`: runs the installation, and may stop it and see all of it. */
    role: withDefault(oneOf('owner', 'member')),
    createdAt: text,
    updatedAt: text,
  },
})

const AUTHORIZATIONS = defineTable({
  name: 'authorizations',
  one: 'authorization',
  columns: {
    id: text,
    accountId: text,
    description: text,
    scope: withDefault(text),
    /** `session`: made by signing in, ends by signing out. */
    kind: withDefault(oneOf('token', 'session')),
    tokenHash: writeOnly(text),
    tokenHint: text,
    expiresAt: nullable(text),
    createdAt: text,
    updatedAt: text,
  },
})

export type Account = RowOf<typeof ACCOUNTS>

export type NewToken = Readonly<{
  expiresAt?: string | null
  /** What it may be used for; everything unless given. */
  scope?: readonly string[]
  kind?: 'token' | 'session'
  token?: string
}>

/** A token's record. The token itself is known only when it is made. */
export type Authorization = RowOf<typeof AUTHORIZATIONS>

export function accountsTable(db: Database, now: () => string) {
  const accounts = new Table(db, ACCOUNTS, now)
  const authorizations = new Table(db, AUTHORIZATIONS, now)
  return {
    create: (email: string, role: Account['role'] = 'member'): Account =>
      accounts.insert({ email, role }),
    find: (idOrEmail: string): Account | undefined =>
      accounts.find('where id = ?1 or email = ?1', idOrEmail),
    rename: (id: string, name: string | null): Account => accounts.update(id, { name }),
    list: (): Account[] => accounts.all('order by created_at'),
    setRole(id: string, role: Account['role']): void {
      accounts.update(id, { role })
    },
    setPasswordHash(id: string, hash: string): void {
      accounts.updateIfThere(id, { passwordHash: hash })
    },

    /** Makes a token; only its hash is kept. */
    authorize(
      accountId: string,
      description: string,
      {
        expiresAt = null,
        scope = ['global'],
        kind = 'token',
        token = newSecret('HRKU-'),
      }: NewToken = {},
    ): Authorization & { token: string } {
      const authorization = authorizations.insert({
        accountId,
        description,
        tokenHash: hashToken(token),
        tokenHint: token.slice(0, TOKEN_HINT_LENGTH),
        expiresAt,
        scope: scope.join(','),
        kind,
      })
      return { ...authorization, token }
    },
    /** Who holds `token`, if it is known and has not expired. */
    holderOf(token: string): { account: Account; authorization: Authorization } | undefined {
      const authorization = authorizations.find(
        'where token_hash = ? and (expires_at is null or expires_at > ?)',
        hashToken(token),
        now(),
      )
      if (authorization === undefined) return undefined
      return { account: accounts.get(authorization.accountId), authorization }
    },
    authorizations: (accountId: string): Authorization[] =>
      authorizations.all('where account_id = ? order by created_at', accountId),
    describeAuthorization: (id: string, description: string): Authorization =>
      authorizations.update(id, { description }),
    /** Gives an authorization a new token; the old one is not valid any more. */
    renewToken(id: string, token = newSecret('HRKU-')): Authorization & { token: string } {
      const change = { tokenHash: hashToken(token), tokenHint: token.slice(0, TOKEN_HINT_LENGTH) }
      return { ...authorizations.update(id, change), token }
    },
    /** Ends all tokens and sessions. @returns how many there were */
    revokeAll: (accountId: string): number =>
      db.run('delete from authorizations where account_id = ?', accountId),
    revoke: (accountId: string, id: string): boolean =>
      db.run('delete from authorizations where account_id = ? and id = ?', accountId, id) > 0,
  }
}

const TOKEN_HINT_LENGTH = 9
