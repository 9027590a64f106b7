import { problem, type Addon, type Home, type Store } from '../../store/index.ts'
import { BackupSchedules } from './backup-schedules.ts'
import type { Credentials, DatabaseLifecycle, Postgres, Schedules, Transfers } from './contract.ts'
import { DatabaseCredentials } from './database-credentials.ts'
import { DatabaseTransfers } from './database-transfers.ts'
import {
  createFresh,
  dropLeftovers,
  keepOpen,
  resetConnections,
  swapDatabase,
} from './databases.ts'
import { checkExtensions } from './extensions.ts'
import { describeDatabase, describePending, type InfoLine } from './info.ts'
import { resetStatistics, trackedFunctions, trackFunctions } from './statistics.ts'
import { addressOf, SERVICE } from './provider.ts'
import { storedDatabase } from './resource.ts'
import type { DatabaseServer } from './server.ts'

export type PostgresEffects = Readonly<{
  store: Store
  home: Pick<Home, 'backups'>
  databaseServer: DatabaseServer
  lifecycle: DatabaseLifecycle
  /** Where `pg_dump` may be. */
  toolFolders: () => Promise<readonly string[]>
  clock?: () => Date
  onBug: (error: unknown) => void
}>

/** The databases of heroku-postgresql. */
export const openPostgres = (effects: PostgresEffects): Postgres => new Databases(effects)

class Databases implements Postgres {
  readonly credentials: Credentials
  readonly transfers: Transfers
  readonly schedules: Schedules
  readonly #effects: PostgresEffects
  readonly #transfers: DatabaseTransfers
  readonly #schedules: BackupSchedules

  constructor(effects: PostgresEffects) {
    const { store, databaseServer: server, lifecycle, onBug, clock = () => new Date() } = effects
    this.#effects = effects
    this.credentials = new DatabaseCredentials({ store, server, lifecycle })
    this.#transfers = new DatabaseTransfers({
      store,
      server,
      folder: effects.home.backups,
      toolFolders: effects.toolFolders,
      exclusively: (addonId, work) => lifecycle.exclusively(addonId, work),
      clock,
      onBug,
    })
    this.transfers = this.#transfers
    this.#schedules = new BackupSchedules({
      store,
      clock,
      onBug,
      run: ({ addonId, id }) => void this.#transfers.capture(store.addons.get(addonId), id),
    })
    this.schedules = this.#schedules
  }

  async info(addon: Addon): Promise<InfoLine[]> {
    const { store, databaseServer } = this.#effects
    if (addon.state === 'provisioned') {
      await keepOpen(storedDatabase(addon.id, store), databaseServer)
    }
    return addon.state === 'provisioned'
      ? await describeDatabase(addon, storedDatabase(addon.id, store), databaseServer)
      : describePending(addon)
  }

  address({ id }: Addon): string {
    const { store, databaseServer } = this.#effects
    return addressOf(storedDatabase(id, store), null, databaseServer.addressSuffix)
  }

  async reset(addon: Addon, extensions: readonly string[]): Promise<void> {
    const { store, databaseServer: server, lifecycle } = this.#effects
    if (this.#transfers.isBusy(addon.id)) {
      throw problem('invalid_params', `${addon.name} is being backed up or restored.`, {
        hint: 'Wait until that has ended, or cancel it: heroku pg:backups:cancel',
      })
    }
    const wanted = await checkExtensions(extensions, server)
    await lifecycle.exclusively(addon.id, async () => {
      await createFresh(storedDatabase(addon.id, store), server, wanted)
      await swapDatabase(storedDatabase(addon.id, store), server)
    })
  }

  async resetConnections({ id }: Addon): Promise<void> {
    const { store, databaseServer } = this.#effects
    await resetConnections(storedDatabase(id, store), databaseServer)
  }

  async resetStatistics({ id }: Addon): Promise<void> {
    const { store, databaseServer } = this.#effects
    await resetStatistics(storedDatabase(id, store), databaseServer)
  }

  async trackedFunctions({ id }: Addon): Promise<string> {
    const { store, databaseServer } = this.#effects
    return await trackedFunctions(storedDatabase(id, store), databaseServer)
  }

  async trackFunctions(addon: Addon, which: string): Promise<string> {
    const { store, databaseServer } = this.#effects
    await trackFunctions(storedDatabase(addon.id, store), which, databaseServer)
    return await this.trackedFunctions(addon)
  }

  async recover(): Promise<void> {
    const { store, databaseServer, onBug } = this.#effects
    const addons = store.addons.list().filter(({ service }) => service === SERVICE)
    const resources = addons.map(({ id }) => storedDatabase(id, store))
    if (resources.length > 0) await dropLeftovers(resources, databaseServer).catch(onBug)
    this.#transfers.recover()
    this.#schedules.arm()
  }

  async close(): Promise<void> {
    this.#schedules.close()
    await this.#transfers.close()
  }
}
