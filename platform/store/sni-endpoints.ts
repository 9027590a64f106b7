import { randomInt, randomUUID } from 'node:crypto'
import { blob, nullable, text } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import type { Secrets } from './secrets.ts'
import { Table } from './table.ts'

const SNI_ENDPOINTS = defineTable({
  name: 'sni_endpoints',
  one: 'certificate',
  columns: {
    id: text,
    appId: text,
    name: text,
    displayName: nullable(text),
    /** The server's own certificate first, then what leads to its authority. */
    certificateChain: text,
    sealedKey: blob,
    createdAt: text,
    updatedAt: text,
  },
})

type SniEndpointRow = RowOf<typeof SNI_ENDPOINTS>

/** A certificate that a user brought, and the key that belongs to it. */
export type SniEndpoint = Omit<SniEndpointRow, 'sealedKey'> & Readonly<{ privateKey: string }>

export type SniEndpointContent = Pick<
  SniEndpoint,
  'certificateChain' | 'privateKey' | 'displayName'
>

export function sniEndpointsTable(db: Database, secrets: Secrets, now: () => string) {
  const endpoints = new Table(db, SNI_ENDPOINTS, now)
  const about = (id: string): string => `sni-endpoint/${id}`
  const endpointOf = ({ sealedKey, ...endpoint }: SniEndpointRow): SniEndpoint => ({
    ...endpoint,
    privateKey: secrets.open(sealedKey, about(endpoint.id)),
  })
  const columnsOf = (id: string, content: SniEndpointContent) => ({
    displayName: content.displayName,
    certificateChain: content.certificateChain,
    sealedKey: secrets.seal(content.privateKey, about(id)),
  })
  return {
    create(appId: string, content: SniEndpointContent): SniEndpoint {
      const id = randomUUID()
      return endpointOf(endpoints.insert({ id, appId, name: newName(), ...columnsOf(id, content) }))
    },
    list: (appId: string): SniEndpoint[] =>
      endpoints.all('where app_id = ? order by created_at, id', appId).map(endpointOf),
    replace: (id: string, content: SniEndpointContent): SniEndpoint =>
      endpointOf(endpoints.update(id, columnsOf(id, content))),
    remove: (id: string): void => endpoints.remove(id),
  }
}

/** Names are what users type; eight digits hardly ever meet, and the table refuses if they do. */
const newName = (): string => `certificate-${randomInt(10_000_000, 100_000_000)}`
