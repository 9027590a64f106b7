import { problem, type Addon, type Store } from '../../store/index.ts'
import type { Credentials, DatabaseCredential, DatabaseLifecycle } from './contract.ts'
import { dropCredential, resetConnections } from './databases.ts'
import { planNamed } from './plans.ts'
import {
  credentialOf,
  DEFAULT,
  storedDatabase,
  withCredential,
  withNewPassword,
  withoutCredential,
} from './resource.ts'
import { DatabaseResource } from './schema.ts'
import type { DatabaseServer } from './server.ts'

export type CredentialEffects = Readonly<{
  store: Store
  server: DatabaseServer
  lifecycle: DatabaseLifecycle
}>

export class DatabaseCredentials implements Credentials {
  readonly #effects: CredentialEffects

  constructor(effects: CredentialEffects) {
    this.#effects = effects
  }

  list(addon: Addon): DatabaseCredential[] {
    return Object.keys(this.#resourceOf(addon).credentials).map((name) => this.get(addon, name))
  }

  get(addon: Addon, name: string): DatabaseCredential {
    const resource = this.#resourceOf(addon)
    const endpoint = this.#effects.server.endpoint() ?? 'unknown'
    const { hostname, port } = new URL(`postgres://${endpoint}`)
    const credential = credentialOf(resource, `credential:${name}`)
    return { name, ...credential, database: resource.database, host: hostname, port }
  }

  async create(addon: Addon, accountId: string, name: string): Promise<void> {
    requireNamedCredentials(addon)
    await this.#change(addon, accountId, (resource) => withCredential(resource, name))
  }

  async destroy(addon: Addon, accountId: string, name: string): Promise<void> {
    const { store, server, lifecycle } = this.#effects
    requireNamedCredentials(addon)
    checkDestroyable(store, addon, name)
    const before = this.#resourceOf(addon)
    credentialOf(before, `credential:${name}`)
    await lifecycle.exclusively(addon.id, () => dropCredential(before, name, server))
    await this.#change(addon, accountId, (resource) => withoutCredential(resource, name))
  }

  async rotate(addon: Addon, accountId: string, name?: string): Promise<void> {
    if (name !== undefined) credentialOf(this.#resourceOf(addon), `credential:${name}`)
    await this.#change(addon, accountId, (resource) => withNewPassword(resource, name))
    await resetConnections(this.#resourceOf(addon), this.#effects.server)
  }

  #resourceOf({ id }: Addon): DatabaseResource {
    return storedDatabase(id, this.#effects.store)
  }

  async #change(
    addon: Addon,
    accountId: string,
    next: (resource: DatabaseResource) => DatabaseResource,
  ): Promise<void> {
    await this.#effects.lifecycle.change(addon, accountId, {
      resource: (resource) => next(DatabaseResource.parse(resource)),
    })
  }
}

function requireNamedCredentials(addon: Addon): void {
  if (planNamed(addon.plan).namedCredentials) return
  throw problem('invalid_params', `The plan ${addon.plan} has the default credential only.`, {
    hint: `Change it: heroku addons:upgrade ${addon.name} standard-0`,
  })
}

function checkDestroyable(store: Store, addon: Addon, name: string): void {
  if (name === DEFAULT) {
    throw problem('invalid_params', 'The default credential cannot be destroyed.')
  }
  const used = store.attachments
    .ofAddon(addon.id)
    .some(({ namespace }) => namespace === `credential:${name}`)
  if (used) throw problem('invalid_params', `The credential ${name} is attached: detach it first.`)
}
