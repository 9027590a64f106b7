import { randomUUID } from 'node:crypto'
import type { Database, Row } from './database.ts'

/** A host name that an app answers to besides its own. */
export type Domain = Readonly<{
  id: string
  appId: string
  /** Lower case, punycode; `*.` in front stands for all names below. */
  hostname: string
  sniEndpointId: string | null
  createdAt: string
  updatedAt: string
}>

export function domainsTable(db: Database, now: () => string) {
  const find = (idOrHostname: string): Domain | undefined => {
    const row = db.get('select * from domains where id = ?1 or hostname = ?1', idOrHostname)
    return row === undefined ? undefined : domainOf(row)
  }
  return {
    /** @returns undefined when an app has the name already, this one or another */
    create(appId: string, hostname: string, sniEndpointId: string | null): Domain | undefined {
      const id = randomUUID()
      const at = now()
      const added = db.run(
        `insert into domains (id, app_id, hostname, sni_endpoint_id, created_at, updated_at)
          values (?, ?, ?, ?, ?, ?) on conflict (hostname) do nothing`,
        id,
        appId,
        hostname,
        sniEndpointId,
        at,
        at,
      )
      return added === 0 ? undefined : find(id)
    },
    find,
    list: (appId: string): Domain[] =>
      db.all('select * from domains where app_id = ? order by hostname', appId).map(domainOf),
    associate(id: string, sniEndpointId: string | null): void {
      db.run(
        'update domains set sni_endpoint_id = ?, updated_at = ? where id = ?',
        sniEndpointId,
        now(),
        id,
      )
    },
    remove(id: string): void {
      db.run('delete from domains where id = ?', id)
    },
  }
}

const domainOf = (row: Row): Domain => ({
  id: row['id'] as string,
  appId: row['app_id'] as string,
  hostname: row['hostname'] as string,
  sniEndpointId: row['sni_endpoint_id'] as string | null,
  createdAt: row['created_at'] as string,
  updatedAt: row['updated_at'] as string,
})
