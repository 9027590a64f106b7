import { randomUUID } from 'node:crypto'
import { blob, json, nullable, oneOf, text, withDefault, writeOnly } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import type { Secrets } from './secrets.ts'
import { Table } from './table.ts'

const ADDONS = defineTable({
  name: 'addons',
  one: 'add-on',
  columns: {
    id: text,
    /** The owning app; null once it is gone and this is about to follow. */
    appId: nullable(text),
    name: text,
    /** e.g. `heroku-postgresql`. */
    service: text,
    /** e.g. `essential-0`. */
    plan: text,
    state: oneOf('provisioning', 'provisioned', 'deprovisioning', 'deprovisioned'),
    /** `configure` while a change (rotation, plan) has been announced and is not finished. */
    task: nullable(oneOf('configure')),
    accountId: nullable(text),
    options: withDefault(json<Readonly<Record<string, string | boolean>>>()),
    sealedResource: writeOnly(blob),
    message: nullable(text),
    createdAt: text,
    updatedAt: text,
  },
})

export type Addon = RowOf<typeof ADDONS>

export type AddonState = Addon['state']

export type NewAddon = Pick<
  Addon,
  'appId' | 'name' | 'service' | 'plan' | 'accountId' | 'options'
> & { resource: unknown }

export type AddonChange = Partial<
  Pick<Addon, 'name' | 'plan' | 'state' | 'task' | 'accountId' | 'message'>
>

export function addonsTable(db: Database, secrets: Secrets, now: () => string) {
  const addons = new Table(db, ADDONS, now)
  const seal = (id: string, resource: unknown): Uint8Array =>
    secrets.seal(JSON.stringify(resource), `addon/${id}`)
  return {
    create({ resource, ...addon }: NewAddon): Addon {
      const id = randomUUID()
      const sealedResource = seal(id, resource)
      return addons.insert({ ...addon, id, state: 'provisioning', sealedResource })
    },
    find: (idOrName: string): Addon | undefined =>
      addons.find('where id = ?1 or name = ?1', idOrName),
    get: (id: string): Addon => addons.get(id),
    list: (): Addon[] => addons.all('order by name'),
    ofApp: (appId: string): Addon[] => addons.all('where app_id = ? order by name', appId),
    update: (id: string, change: AddonChange): Addon => addons.update(id, change),
    /** What the provider keeps about it; only the provider knows its shape. */
    resource(id: string): unknown {
      return JSON.parse(secrets.open(addons.sealed(id, 'sealedResource'), `addon/${id}`))
    },
    setResource(id: string, resource: unknown): void {
      addons.updateIfThere(id, { sealedResource: seal(id, resource) })
    },
    remove: (id: string): void => addons.remove(id),
  }
}
