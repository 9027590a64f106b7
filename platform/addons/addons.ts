import type { Logs } from '../logs/index.ts'
import type { Releases } from '../releases/index.ts'
import { problem, type Home, type Store } from '../store/index.ts'
import { openAttachments } from './attachments.ts'
import { createCatalogue } from './catalogue.ts'
import type { Addons } from './contract.ts'
import { openLifecycle } from './lifecycle.ts'
import { matchAddons, matchAttachments } from './lookup.ts'
import { checkAddonName } from './names.ts'
import { clientToolFolders, openPostgres, type DatabaseServer } from './postgres/index.ts'
import type { Provider } from './provider.ts'

export type AddonsEffects = Readonly<{
  store: Store
  releases: Pick<Releases, 'create'>
  logs: Pick<Logs, 'write'>
  home: Pick<Home, 'backups'>
  /** Where databases are made; see `createDatabaseServer`. */
  databaseServer: DatabaseServer
  /** PATH, in which `pg_dump` is looked for. */
  searchPath: string
  /** For tests: the only folders in which it is looked for. */
  toolFolders?: readonly string[]
  /** How long `create` and `destroy` wait before they go on in the background. */
  waitMs?: number
  /** Providers besides heroku-postgresql. */
  providers?: readonly Provider[]
  clock?: () => Date
  onBug: (error: unknown) => void
}>

/** The add-ons of one installation. Starts nothing before `recover` or the first `create`. */
export function openAddons(effects: AddonsEffects): Addons {
  const { store } = effects
  const { toolFolders } = effects
  const postgres = openPostgres({
    ...effects,
    toolFolders: async () => toolFolders ?? clientToolFolders(effects.searchPath),
  })
  const catalogue = createCatalogue([postgres.provider, ...(effects.providers ?? [])])
  const attachments = openAttachments({ store, releases: effects.releases, catalogue })
  const lifecycle = openLifecycle({ ...effects, catalogue, attachments })
  const databases = postgres.bind(lifecycle)

  return {
    endpoints: () => Object.assign({}, ...catalogue.providers.map((entry) => entry.endpoints())),
    ensure: async (appId, accountId, plan, as) => {
      const { provider } = catalogue.choose(plan)
      const has = store.addons.ofApp(appId).some((a) => a.service === provider.service.name)
      if (has) return
      await lifecycle.create({ app: store.apps.get(appId), accountId, plan, attachmentName: as })
    },
    remove: async (appId) => {
      await databases.removeBackups(appId)
      await lifecycle.removeAll(store.apps.get(appId))
    },
    recover: async () => {
      await lifecycle.recover()
      await databases.recover()
    },
    close: async () => {
      await databases.close()
      await lifecycle.idle()
      for (const provider of catalogue.providers) await provider.close()
    },

    catalogue,
    configVarNames: (attachment) => Object.keys(attachments.varsOf(attachment)),
    create: lifecycle.create,
    changePlan: (addon, accountId, plan) => {
      const chosen = catalogue.choose(plan)
      if (chosen.provider.service.name !== addon.service) {
        throw problem('invalid_params', `${addon.name} is of ${addon.service}, not of ${plan}.`)
      }
      return lifecycle.change(addon, accountId, { plan: chosen.plan.name })
    },
    rename: (addon, name) =>
      store.transaction(() => {
        if (name !== addon.name && store.addons.find(checkAddonName(name)) !== undefined) {
          throw problem('invalid_params', `The add-on name ${name} is already taken.`)
        }
        return store.addons.update(addon.id, { name })
      }),
    destroy: lifecycle.destroy,
    attach: attachments.attach,
    detach: attachments.detach,
    matchAddons: (text, apps) =>
      matchAddons(
        store,
        text,
        apps.map(({ id }) => id),
      ),
    matchAttachments: (text, apps) =>
      matchAttachments(
        store,
        text,
        apps.map(({ id }) => id),
      ),
    postgres: databases,
  }
}
