import type { Database } from './database.ts'
import type { Secrets } from './secrets.ts'

/**
 * A config var as stored. Values of add-ons may hold `{{endpoint:NAME}}`, which stands for the
 * address of that server as the viewer reaches it (see `renderConfig`).
 */
export type ConfigVar = Readonly<{
  name: string
  value: string
  /** The add-on attachment that sets it; null for the user's own. */
  attachmentId: string | null
}>

/** Where add-on servers are reached, `host:port` by name, e.g. `{ postgres: '127.0.0.1:5433' }`. */
export type Endpoints = Readonly<Record<string, string>>

export function configVarsTable(db: Database, secrets: Secrets) {
  return {
    list: (appId: string): ConfigVar[] =>
      db.all('select * from config_vars where app_id = ? order by name', appId).map((row) => ({
        name: row['name'] as string,
        value: secrets.open(row['sealed_value'] as Uint8Array, `${appId}/${row['name'] as string}`),
        attachmentId: row['attachment_id'] as string | null,
      })),
    set(appId: string, { name, value, attachmentId }: ConfigVar): void {
      db.run(
        `insert into config_vars (app_id, name, sealed_value, attachment_id) values (?, ?, ?, ?)
          on conflict do update set sealed_value = excluded.sealed_value,
          attachment_id = excluded.attachment_id`,
        appId,
        name,
        secrets.seal(value, `${appId}/${name}`),
        attachmentId,
      )
    },
    unset(appId: string, name: string): void {
      db.run('delete from config_vars where app_id = ? and name = ?', appId, name)
    },
    /** Takes away everything that one attachment set. */
    unsetAttachment(attachmentId: string): void {
      db.run('delete from config_vars where attachment_id = ?', attachmentId)
    },
  }
}

/** Config vars as a program sees them. Only values of add-ons have their endpoints filled in. */
export function renderConfig(
  vars: readonly ConfigVar[],
  endpoints: Endpoints,
): Record<string, string> {
  return Object.fromEntries(
    vars.map(({ name, value, attachmentId }) => [
      name,
      attachmentId === null ? value : fillEndpoints(value, endpoints),
    ]),
  )
}

const fillEndpoints = (value: string, endpoints: Endpoints): string =>
  value.replaceAll(/\{\{endpoint:([\w-]+)\}\}/g, (whole, name: string) => endpoints[name] ?? whole)
