import { blob, nullable, text } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable } from './define-table.ts'
import type { Secrets } from './secrets.ts'
import { Table } from './table.ts'

const CONFIG_VARS = defineTable({
  name: 'config_vars',
  one: 'config var',
  columns: { appId: text, name: text, sealedValue: blob, attachmentId: nullable(text) },
})

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

export function configVarsTable(db: Database, secrets: Secrets, now: () => string) {
  const vars = new Table(db, CONFIG_VARS, now)
  return {
    list: (appId: string): ConfigVar[] =>
      vars
        .all('where app_id = ? order by name', appId)
        .map(({ name, sealedValue, attachmentId }) => ({
          name,
          value: secrets.open(sealedValue, `${appId}/${name}`),
          attachmentId,
        })),
    set(appId: string, { name, value, attachmentId }: ConfigVar): void {
      const sealedValue = secrets.seal(value, `${appId}/${name}`)
      vars.upsert(
        { appId, name, sealedValue, attachmentId },
        `on conflict do update set sealed_value = excluded.sealed_value,
          attachment_id = excluded.attachment_id`,
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
