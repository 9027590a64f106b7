import { blob, text, writeOnly } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import { newSecret, type Secrets } from './secrets.ts'
import { Table } from './table.ts'

const OAUTH_CLIENTS = defineTable({
  name: 'oauth_clients',
  one: 'OAuth client',
  columns: {
    id: text,
    accountId: text,
    name: text,
    redirectUri: text,
    sealedSecret: writeOnly(blob),
    createdAt: text,
    updatedAt: text,
  },
})

/** A program that people may let act for them. */
export type OauthClient = RowOf<typeof OAUTH_CLIENTS>

export function oauthClientsTable(db: Database, secrets: Secrets, now: () => string) {
  const clients = new Table(db, OAUTH_CLIENTS, now)
  const seal = (): Uint8Array => secrets.seal(newSecret(), 'oauth-client')
  return {
    create: (client: Pick<OauthClient, 'accountId' | 'name' | 'redirectUri'>): OauthClient =>
      clients.insert({ ...client, sealedSecret: seal() }),
    find: (id: string): OauthClient | undefined => clients.find('where id = ?', id),
    ofAccount: (accountId: string): OauthClient[] =>
      clients.all('where account_id = ? order by created_at', accountId),
    update: (id: string, change: Partial<Pick<OauthClient, 'name' | 'redirectUri'>>): OauthClient =>
      clients.update(id, change),
    /** Gives it a new secret; the old one is not valid any more. */
    rotate: (id: string): OauthClient => clients.update(id, { sealedSecret: seal() }),
    secret: (id: string): string =>
      secrets.open(clients.sealed(id, 'sealedSecret'), 'oauth-client'),
    remove: (id: string): void => clients.remove(id),
  }
}
