import type { Addon, App, Attachment, Endpoints } from '../store/index.ts'
import type { Catalogue } from './catalogue.ts'
import type { Postgres } from './postgres/index.ts'
import type { Redis } from './redis/index.ts'
import type { Options } from './provider.ts'

/** The add-ons of all apps, of every provider. */
export type Addons = Readonly<{
  /** Where the add-on servers are reached from a local dyno and, relayed, from a client. */
  endpoints: () => Endpoints
  /** Creates what a manifest or buildpack asks for, unless the app has it already. */
  ensure: (appId: string, accountId: string, plan: string, as?: string) => Promise<void>
  /** Deprovisions everything an app owns. */
  remove: (appId: string) => Promise<void>
  /** At start: finishes what was being provisioned or removed; then runs backup schedules. */
  recover: () => Promise<void>
  /** Lets go of connections and timers. Add-on servers keep running. */
  close: () => Promise<void>

  catalogue: Catalogue
  /** Names of the config vars that an attachment sets. */
  configVarNames: (attachment: Attachment) => string[]
  /**
   * Creates an add-on and waits a while for it; what takes longer continues in the background and
   * shows as `provisioning`.
   *
   * @throws Problem `invalid_params`, `confirmation_required`, `addon_unavailable`
   */
  create: (request: CreateRequest) => Promise<Addon>
  changePlan: (addon: Addon, accountId: string, plan: string) => Promise<Addon>
  rename: (addon: Addon, name: string) => Addon
  /**
   * Takes an add-on from its apps, then removes it; `deprovisioned` when that is through.
   *
   * @throws Problem `invalid_params` while other apps use it, unless forced
   */
  destroy: (addon: Addon, accountId: string, force: boolean) => Promise<Addon>
  attach: (request: AttachRequest) => Attachment
  detach: (attachment: Attachment, accountId: string) => void
  /** Add-ons and attachments that a text may mean, within the apps given. */
  matchAddons: (text: string, apps: readonly App[]) => Addon[]
  matchAttachments: (text: string, apps: readonly App[]) => Attachment[]
  /** What only databases can: information, credentials, backups. */
  postgres: Postgres
  /** What only a Redis can. */
  redis: Redis
}>

export type CreateRequest = Readonly<{
  app: App
  accountId: string
  /** `SERVICE` or `SERVICE:PLAN`. */
  plan: string
  name?: string | undefined
  attachmentName?: string | undefined
  options?: Options
  confirm?: string | undefined
}>

export type AttachRequest = Readonly<{
  app: App
  addon: Addon
  accountId: string
  /** Undefined for names by the provider's custom. */
  name?: string | undefined
  namespace?: string | null | undefined
  /** The app's name: agreement to take the name from another add-on or from the user. */
  confirm?: string | undefined
}>

/** Creation, change and end of add-ons, one step at a time for each. */
export type Lifecycle = Pick<Addons, 'create' | 'destroy' | 'recover'> &
  Readonly<{
    /** Records a change of an add-on, makes it, and releases what follows. */
    change: (addon: Addon, accountId: string, next: AddonChange) => Promise<Addon>
    /** Removes everything that an app owns, while the app itself is going. */
    removeAll: (app: App) => Promise<void>
    /**
     * Work of a provider's own that needs the add-on to itself, e.g. the swap at the end of a
     * restore. If it fails or the control plane dies, the add-on is made as its record says.
     */
    exclusively: <T>(addonId: string, work: () => Promise<T>) => Promise<T>
    /** Resolves when nothing is under way. */
    idle: () => Promise<void>
  }>

export type AddonChange = Readonly<{
  plan?: string
  /** The provider's new record, from the one before. */
  resource?: (resource: unknown) => unknown
}>
