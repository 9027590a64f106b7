import { randomUUID } from 'node:crypto'
import type { Database, Row } from './database.ts'
import { hashToken, newSecret } from './secrets.ts'

export type Account = Readonly<{
  id: string
  email: string
  name: string | null
  passwordHash: string | null
  createdAt: string
  updatedAt: string
}>

/** A token's record. The token itself is known only when it is made. */
export type Authorization = Readonly<{
  id: string
  accountId: string
  description: string
  scope: string
  tokenHint: string
  expiresAt: string | null
  createdAt: string
  updatedAt: string
}>

export function accountsTable(db: Database, now: () => string) {
  return {
    create(email: string): Account {
      const at = now()
      const id = randomUUID()
      db.run(
        'insert into accounts (id, email, created_at, updated_at) values (?, ?, ?, ?)',
        id,
        email,
        at,
        at,
      )
      return { id, email, name: null, passwordHash: null, createdAt: at, updatedAt: at }
    },
    find: (idOrEmail: string): Account | undefined =>
      accountOf(db.get('select * from accounts where id = ? or email = ?', idOrEmail, idOrEmail)),
    list: (): Account[] =>
      db.all('select * from accounts order by created_at').flatMap((row) => accountOf(row) ?? []),
    setPasswordHash(id: string, hash: string): void {
      db.run('update accounts set password_hash = ?, updated_at = ? where id = ?', hash, now(), id)
    },

    /** Makes a token; only its hash is kept. */
    authorize(
      accountId: string,
      description: string,
      expiresAt: string | null = null,
      token: string = newSecret('HRKU-'),
    ): Authorization & { token: string } {
      const at = now()
      const id = randomUUID()
      const tokenHint = token.slice(0, TOKEN_HINT_LENGTH)
      db.run(
        `insert into authorizations
          (id, account_id, description, token_hash, token_hint, expires_at, created_at, updated_at)
          values (?, ?, ?, ?, ?, ?, ?, ?)`,
        id,
        accountId,
        description,
        hashToken(token),
        tokenHint,
        expiresAt,
        at,
        at,
      )
      const times = { expiresAt, createdAt: at, updatedAt: at }
      return { id, accountId, description, scope: 'global', tokenHint, ...times, token }
    },
    /** Who holds `token`, if it is known and has not expired. */
    holderOf(token: string): { account: Account; authorization: Authorization } | undefined {
      const row = db.get(
        'select * from authorizations where token_hash = ? and (expires_at is null or expires_at > ?)',
        hashToken(token),
        now(),
      )
      if (row === undefined) return undefined
      const authorization = authorizationOf(row)
      const account = accountOf(
        db.get('select * from accounts where id = ?', authorization.accountId),
      )
      return account === undefined ? undefined : { account, authorization }
    },
    authorizations: (accountId: string): Authorization[] =>
      db
        .all('select * from authorizations where account_id = ? order by created_at', accountId)
        .map(authorizationOf),
    revoke: (accountId: string, id: string): boolean =>
      db.run('delete from authorizations where account_id = ? and id = ?', accountId, id) > 0,
  }
}

const TOKEN_HINT_LENGTH = 9

function accountOf(row: Row | undefined): Account | undefined {
  if (row === undefined) return undefined
  return {
    id: row['id'] as string,
    email: row['email'] as string,
    name: row['name'] as string | null,
    passwordHash: row['password_hash'] as string | null,
    createdAt: row['created_at'] as string,
    updatedAt: row['updated_at'] as string,
  }
}

const authorizationOf = (row: Row): Authorization => ({
  id: row['id'] as string,
  accountId: row['account_id'] as string,
  description: row['description'] as string,
  scope: row['scope'] as string,
  tokenHint: row['token_hint'] as string,
  expiresAt: row['expires_at'] as string | null,
  createdAt: row['created_at'] as string,
  updatedAt: row['updated_at'] as string,
})
