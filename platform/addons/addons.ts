import type { ReleaseRequest } from '../releases/index.ts'
import {
  problem,
  type Addon,
  type App,
  type Attachment,
  type Endpoints,
  type Home,
  type Store,
} from '../store/index.ts'
import { varsOf } from './attachment-vars.ts'
import { attach, detach, type AttachmentEffects } from './attachments.ts'
import { createCatalogue, endpointsOf, type Catalogue } from './catalogue.ts'
import type { Addons, AttachRequest, CreateRequest, Lifecycle } from './contract.ts'
import { openLifecycle } from './lifecycle.ts'
import { matchAddons, matchAttachments } from './lookup.ts'
import { checkAddonName } from './names.ts'
import {
  clientToolFolders,
  openPostgres,
  type DatabaseServer,
  type Postgres,
} from './postgres/index.ts'
import type { Provider } from './provider.ts'
import { openRedis, type Redis, type RedisServers } from './redis/index.ts'

export type AddonsEffects = Readonly<{
  store: Store
  /** Releases a change of an app's config vars, in the surrounding transaction. */
  createRelease: (request: ReleaseRequest) => unknown
  home: Pick<Home, 'backups'>
  /** What can be created. */
  providers: readonly Provider[]
  /** Where heroku-postgresql makes databases; see `createDatabaseServer`. */
  databaseServer: DatabaseServer
  /** Where Redis add-ons have their servers. */
  redisServers?: RedisServers
  /** PATH, in which `pg_dump` is looked for. */
  searchPath: string
  /** For tests: the only folders in which it is looked for. */
  toolFolders?: readonly string[]
  /** How long `create` and `destroy` wait before they continue in the background. */
  waitMs?: number
  clock?: () => Date
  onBug: (error: unknown) => void
}>

/** The add-ons of one installation. Starts nothing before `recover` or the first `create`. */
export const openAddons = (effects: AddonsEffects): Addons => new InstalledAddons(effects)

class InstalledAddons implements Addons {
  readonly catalogue: Catalogue
  readonly postgres: Postgres
  readonly redis: Redis
  readonly #effects: AttachmentEffects
  readonly #lifecycle: Lifecycle

  constructor(effects: AddonsEffects) {
    const { toolFolders } = effects
    this.catalogue = createCatalogue(effects.providers)
    this.#effects = { ...effects, catalogue: this.catalogue }
    this.#lifecycle = openLifecycle({ ...effects, catalogue: this.catalogue })
    this.redis = openRedis({
      store: effects.store,
      lifecycle: this.#lifecycle,
      servers: effects.redisServers,
    })
    this.postgres = openPostgres({
      ...effects,
      lifecycle: this.#lifecycle,
      toolFolders: async () => toolFolders ?? clientToolFolders(effects.searchPath),
    })
  }

  endpoints(): Endpoints {
    return endpointsOf(this.catalogue.providers)
  }

  async ensure(appId: string, accountId: string, plan: string, as?: string): Promise<void> {
    const { store } = this.#effects
    const { service } = this.catalogue.choose(plan).provider
    if (store.addons.ofApp(appId).some((addon) => addon.service === service.name)) return
    await this.create({ app: store.apps.get(appId), accountId, plan, attachmentName: as })
  }

  async remove(appId: string): Promise<void> {
    await this.postgres.transfers.removeAll(appId)
    await this.#lifecycle.removeAll(this.#effects.store.apps.get(appId))
  }

  async recover(): Promise<void> {
    await this.#lifecycle.recover()
    await this.postgres.recover()
  }

  async close(): Promise<void> {
    await this.postgres.close()
    await this.#lifecycle.idle()
    for (const provider of this.catalogue.providers) await provider.close()
  }

  configVarNames(attachment: Attachment): string[] {
    return Object.keys(varsOf(attachment, this.#effects))
  }

  async create(request: CreateRequest): Promise<Addon> {
    return await this.#lifecycle.create(request)
  }

  async changePlan(addon: Addon, accountId: string, plan: string): Promise<Addon> {
    const chosen = this.catalogue.choose(plan)
    if (chosen.provider.service.name !== addon.service) {
      throw problem('invalid_params', `${addon.name} is of ${addon.service}, not of ${plan}.`)
    }
    return await this.#lifecycle.change(addon, accountId, { plan: chosen.plan.name })
  }

  rename(addon: Addon, name: string): Addon {
    const { store } = this.#effects
    return store.transaction(() => {
      if (name !== addon.name && store.addons.find(checkAddonName(name)) !== undefined) {
        throw problem('invalid_params', `The add-on name ${name} is already taken.`)
      }
      return store.addons.update(addon.id, { name })
    })
  }

  async destroy(addon: Addon, accountId: string, force: boolean): Promise<Addon> {
    return await this.#lifecycle.destroy(addon, accountId, force)
  }

  attach(request: AttachRequest): Attachment {
    return attach(request, this.#effects)
  }

  detach(attachment: Attachment, accountId: string): void {
    detach(attachment, accountId, this.#effects)
  }

  matchAddons(text: string, apps: readonly App[]): Addon[] {
    return matchAddons(this.#effects.store, text, apps.map(idOf))
  }

  matchAttachments(text: string, apps: readonly App[]): Attachment[] {
    return matchAttachments(this.#effects.store, text, apps.map(idOf))
  }
}

const idOf = ({ id }: App): string => id
