import { randomInt, randomUUID } from 'node:crypto'
import type { Database, Row } from './database.ts'
import type { Secrets } from './secrets.ts'

/** A certificate that a user brought, and the key that belongs to it. */
export type SniEndpoint = Readonly<{
  id: string
  appId: string
  name: string
  displayName: string | null
  /** The server's own certificate first, then what leads to its authority. */
  certificateChain: string
  privateKey: string
  createdAt: string
  updatedAt: string
}>

export type SniEndpointContent = Pick<
  SniEndpoint,
  'certificateChain' | 'privateKey' | 'displayName'
>

export function sniEndpointsTable(db: Database, secrets: Secrets, now: () => string) {
  const about = (id: string): string => `sni-endpoint/${id}`
  const endpointOf = (row: Row): SniEndpoint => ({
    id: row['id'] as string,
    appId: row['app_id'] as string,
    name: row['name'] as string,
    displayName: row['display_name'] as string | null,
    certificateChain: row['certificate_chain'] as string,
    privateKey: secrets.open(row['sealed_key'] as Uint8Array, about(row['id'] as string)),
    createdAt: row['created_at'] as string,
    updatedAt: row['updated_at'] as string,
  })
  const get = (id: string): SniEndpoint => {
    const row = db.get('select * from sni_endpoints where id = ?', id)
    if (row === undefined) throw new Error(`certificate ${id} is gone`)
    return endpointOf(row)
  }
  return {
    create(appId: string, content: SniEndpointContent): SniEndpoint {
      const id = randomUUID()
      const at = now()
      db.run(
        `insert into sni_endpoints (id, app_id, name, display_name, certificate_chain, sealed_key,
          created_at, updated_at) values (?, ?, ?, ?, ?, ?, ?, ?)`,
        id,
        appId,
        newName(),
        content.displayName,
        content.certificateChain,
        secrets.seal(content.privateKey, about(id)),
        at,
        at,
      )
      return get(id)
    },
    list: (appId: string): SniEndpoint[] =>
      db
        .all('select * from sni_endpoints where app_id = ? order by created_at, id', appId)
        .map(endpointOf),
    replace(id: string, content: SniEndpointContent): SniEndpoint {
      db.run(
        `update sni_endpoints set display_name = ?, certificate_chain = ?, sealed_key = ?,
          updated_at = ? where id = ?`,
        content.displayName,
        content.certificateChain,
        secrets.seal(content.privateKey, about(id)),
        now(),
        id,
      )
      return get(id)
    },
    remove(id: string): void {
      db.run('delete from sni_endpoints where id = ?', id)
    },
  }
}

/** Names are what users type; eight digits hardly ever meet, and the table refuses if they do. */
const newName = (): string => `certificate-${randomInt(10_000_000, 100_000_000)}`
