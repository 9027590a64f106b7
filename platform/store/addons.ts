import { randomUUID } from 'node:crypto'
import type { Database, Row } from './database.ts'
import type { Secrets } from './secrets.ts'

export type AddonState = 'provisioning' | 'provisioned' | 'deprovisioning' | 'deprovisioned'

export type Addon = Readonly<{
  id: string
  /** The owning app; null once it is gone and this is about to follow. */
  appId: string | null
  name: string
  /** e.g. `heroku-postgresql`. */
  service: string
  /** e.g. `essential-0`. */
  plan: string
  state: AddonState
  /** `configure` while a change (rotation, plan) has been announced and is not finished. */
  task: 'configure' | null
  accountId: string | null
  options: Readonly<Record<string, string | boolean>>
  message: string | null
  createdAt: string
  updatedAt: string
}>

export type NewAddon = Pick<
  Addon,
  'appId' | 'name' | 'service' | 'plan' | 'accountId' | 'options'
> & { resource: unknown }

export type AddonChange = Partial<
  Pick<Addon, 'name' | 'plan' | 'state' | 'task' | 'accountId' | 'message'>
>

export function addonsTable(db: Database, secrets: Secrets, now: () => string) {
  const table = {
    create(addon: NewAddon): Addon {
      const id = randomUUID()
      const at = now()
      db.run(
        `insert into addons (id, app_id, name, service, plan, state, account_id, options,
          sealed_resource, created_at, updated_at)
          values (?, ?, ?, ?, ?, 'provisioning', ?, ?, ?, ?, ?)`,
        id,
        addon.appId,
        addon.name,
        addon.service,
        addon.plan,
        addon.accountId,
        JSON.stringify(addon.options),
        seal(secrets, id, addon.resource),
        at,
        at,
      )
      return table.get(id)
    },
    find(idOrName: string): Addon | undefined {
      const row = db.get('select * from addons where id = ? or name = ?', idOrName, idOrName)
      return row === undefined ? undefined : addonOf(row)
    },
    get(id: string): Addon {
      const addon = table.find(id)
      if (addon === undefined) throw new Error(`add-on ${id} is gone`)
      return addon
    },
    list: (): Addon[] => db.all('select * from addons order by name').map(addonOf),
    ofApp: (appId: string): Addon[] =>
      db.all('select * from addons where app_id = ? order by name', appId).map(addonOf),
    update(id: string, change: AddonChange): Addon {
      const next = { ...table.get(id), ...change }
      db.run(
        `update addons set name = ?, plan = ?, state = ?, task = ?, account_id = ?, message = ?,
          updated_at = ? where id = ?`,
        next.name,
        next.plan,
        next.state,
        next.task,
        next.accountId,
        next.message,
        now(),
        id,
      )
      return table.get(id)
    },
    /** What the provider keeps about it; only the provider knows its shape. */
    resource(id: string): unknown {
      const row = db.get('select sealed_resource from addons where id = ?', id)
      if (row === undefined) throw new Error(`add-on ${id} is gone`)
      return JSON.parse(secrets.open(row['sealed_resource'] as Uint8Array, `addon/${id}`))
    },
    setResource(id: string, resource: unknown): void {
      db.run(
        'update addons set sealed_resource = ?, updated_at = ? where id = ?',
        seal(secrets, id, resource),
        now(),
        id,
      )
    },
    remove(id: string): void {
      db.run('delete from addons where id = ?', id)
    },
  }
  return table
}

const seal = (secrets: Secrets, id: string, resource: unknown): Uint8Array =>
  secrets.seal(JSON.stringify(resource), `addon/${id}`)

const addonOf = (row: Row): Addon => ({
  id: row['id'] as string,
  appId: row['app_id'] as string | null,
  name: row['name'] as string,
  service: row['service'] as string,
  plan: row['plan'] as string,
  state: row['state'] as AddonState,
  task: row['task'] as 'configure' | null,
  accountId: row['account_id'] as string | null,
  options: JSON.parse(row['options'] as string) as Record<string, string | boolean>,
  message: row['message'] as string | null,
  createdAt: row['created_at'] as string,
  updatedAt: row['updated_at'] as string,
})
