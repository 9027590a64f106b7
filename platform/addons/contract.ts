import type { Addon, App, Attachment, Endpoints } from '../store/index.ts'
import type { AttachRequest } from './attachments.ts'
import type { Catalogue } from './catalogue.ts'
import type { CreateRequest } from './lifecycle.ts'
import type { Postgres } from './postgres/index.ts'

/** The add-ons of all apps, whatever provider runs them. */
export type Addons = Readonly<{
  /** Where the add-on servers are reached from a local dyno and, relayed, from a client. */
  endpoints: () => Endpoints
  /** Creates what a manifest or buildpack asks for, unless the app has it already. */
  ensure: (appId: string, accountId: string, plan: string, as?: string) => Promise<void>
  /** Deprovisions everything an app owns. */
  remove: (appId: string) => Promise<void>
  /** At start: finishes what was being provisioned or removed; then runs backup schedules. */
  recover: () => Promise<void>
  /** Lets go of connections and timers. Add-on servers go on running. */
  close: () => Promise<void>

  catalogue: Catalogue
  /** Names of the config vars that an attachment sets. */
  configVarNames: (attachment: Attachment) => string[]
  create: (request: CreateRequest) => Promise<Addon>
  changePlan: (addon: Addon, accountId: string, plan: string) => Promise<Addon>
  rename: (addon: Addon, name: string) => Addon
  destroy: (addon: Addon, accountId: string, force: boolean) => Promise<Addon>
  attach: (request: AttachRequest) => Attachment
  detach: (attachment: Attachment, accountId: string) => void
  /** Add-ons and attachments that a text may mean, within the apps given. */
  matchAddons: (text: string, apps: readonly App[]) => Addon[]
  matchAttachments: (text: string, apps: readonly App[]) => Attachment[]
  /** What only databases can: information, credentials, backups. */
  postgres: Postgres
}>
