import { nullable, text } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import { Table } from './table.ts'

const DOMAINS = defineTable({
  name: 'domains',
  one: 'domain',
  columns: {
    id: text,
    appId: text,
    /** Lower case, punycode; `*.` in front stands for all names below. */
    hostname: text,
    sniEndpointId: nullable(text),
    /** Null until the app's people have shown that the name is theirs; then it is served. */
    provedAt: nullable(text),
    createdAt: text,
    updatedAt: text,
  },
})

/** A host name that an app answers to besides its own. */
export type Domain = RowOf<typeof DOMAINS>

export function domainsTable(db: Database, now: () => string) {
  const domains = new Table(db, DOMAINS, now)
  return {
    /** @returns undefined when an app has the name already, this one or another */
    create: (
      appId: string,
      hostname: string,
      sniEndpointId: string | null,
      isProved = true,
    ): Domain | undefined =>
      domains.insertUnlessThere({
        appId,
        hostname,
        sniEndpointId,
        provedAt: isProved ? now() : null,
      }),
    /** From now on it is served. */
    prove(id: string): void {
      domains.updateIfThere(id, { provedAt: now() })
    },
    /** Those that wait for a proof, the oldest first. */
    unproved: (max: number): Domain[] =>
      domains.all('where proved_at is null order by created_at limit ?', max),
    find: (idOrHostname: string): Domain | undefined =>
      domains.find('where id = ?1 or hostname = ?1', idOrHostname),
    list: (appId: string): Domain[] => domains.all('where app_id = ? order by hostname', appId),
    associate(id: string, sniEndpointId: string | null): void {
      domains.updateIfThere(id, { sniEndpointId })
    },
    remove: (id: string): void => domains.remove(id),
  }
}
