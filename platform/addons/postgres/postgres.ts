import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  problem,
  type Addon,
  type Home,
  type Store,
  type Transfer,
  type TransferSchedule,
} from '../../store/index.ts'
import type { Logs } from '../../logs/index.ts'
import type { Provider } from '../provider.ts'
import type { DatabaseCredential, Postgres } from './contract.ts'
import { backupFile, removeBackup } from './backup-files.ts'
import { captureWork, connectionFromUrl, restoreWork, type BackupEffects } from './backups.ts'
import {
  createFresh,
  dropCredential,
  dropLeftovers,
  resetConnections,
  swapDatabase,
} from './databases.ts'
import { downloadToken, readDownloadToken } from './download-token.ts'
import { checkExtensions } from './extensions.ts'
import { describeDatabase, describePending } from './info.ts'
import { planNamed } from './plans.ts'
import { addressOf, postgresProvider } from './provider.ts'
import {
  credentialOf,
  DEFAULT,
  withCredential,
  withNewPassword,
  withoutCredential,
} from './resource.ts'
import { isTimezone } from './schedule.ts'
import { createScheduler } from './scheduler.ts'
import { DatabaseResource } from './schema.ts'
import type { DatabaseServer } from './server.ts'
import { createTransferQueue } from './transfers.ts'

export type PostgresEffects = Readonly<{
  store: Store
  home: Pick<Home, 'backups'>
  logs: Pick<Logs, 'write'>
  databaseServer: DatabaseServer
  toolFolders: () => Promise<readonly string[]>
  clock?: () => Date
  onBug: (error: unknown) => void
}>

/** What of the life of add-ons databases need. */
export type LifecycleOfDatabases = Readonly<{
  exclusively: BackupEffects['exclusively']
  change: (
    addon: Addon,
    accountId: string,
    next: Readonly<{ resource: (resource: unknown) => unknown }>,
  ) => Promise<Addon>
}>

/** The provider, and what `bind` makes of it once add-ons have a life. */
export function openPostgres(effects: PostgresEffects): {
  provider: Provider
  bind: (lifecycle: LifecycleOfDatabases) => Postgres
} {
  const provider = postgresProvider(effects.databaseServer)
  return { provider, bind: (lifecycle) => bind(provider, effects, lifecycle) }
}

function bind(
  provider: Provider,
  effects: PostgresEffects,
  lifecycle: LifecycleOfDatabases,
): Postgres {
  const { store, databaseServer: server, onBug, clock = () => new Date() } = effects
  const folder = effects.home.backups
  const { exclusively } = lifecycle
  const backupEffects = { store, server, folder, toolFolders: effects.toolFolders, exclusively }
  const queue = createTransferQueue(store, onBug)
  const resourceOf = ({ id }: Addon) => DatabaseResource.parse(store.addons.resource(id))

  const capture = (addon: Addon, scheduleId?: string): Transfer =>
    queue.add({
      ...owner(addon),
      kind: 'backup',
      fromName: nameOf(store, addon),
      toName: 'BACKUP',
      ...(scheduleId !== undefined && { scheduleId }),
      work: captureWork(addon.id, backupEffects),
    })
  const scheduler = createScheduler({
    store,
    clock,
    onBug,
    run: (schedule) => void capture(store.addons.get(schedule.addonId), schedule.id),
  })

  /** The CLI asks any database of an app for the schedules of all. */
  const schedulesOfApp = ({ id, appId }: Addon): TransferSchedule[] => {
    const addons = appId === null ? [id] : store.addons.ofApp(appId).map((addon) => addon.id)
    return addons.flatMap((addonId) => store.transferSchedules.ofAddon(addonId))
  }

  const credentialNamed = (addon: Addon, name: string): DatabaseCredential => {
    const resource = resourceOf(addon)
    const { hostname, port } = new URL(`postgres://${server.endpoint() ?? 'unknown'}`)
    const credential = credentialOf(resource, `credential:${name}`)
    return { name, ...credential, database: resource.database, host: hostname, port }
  }

  return {
    info: async (addon) =>
      addon.state === 'provisioned'
        ? describeDatabase(addon, resourceOf(addon), server)
        : describePending(addon),
    address: (addon) => addressOf(resourceOf(addon), null, server.addressSuffix),
    reset: async (addon, extensions) => {
      if (queue.isBusy(addon.id)) {
        throw problem('invalid_params', `${addon.name} is being backed up or restored.`, {
          hint: 'Wait until that has ended, or cancel it: heroku pg:backups:cancel',
        })
      }
      const wanted = await checkExtensions(extensions, server)
      await exclusively(addon.id, async () => {
        await createFresh(resourceOf(addon), server, wanted)
        await swapDatabase(resourceOf(addon), server)
      })
    },
    resetConnections: (addon) => resetConnections(resourceOf(addon), server),

    credentials: (addon) =>
      Object.keys(resourceOf(addon).credentials).map((name) => credentialNamed(addon, name)),
    credential: credentialNamed,
    createCredential: async (addon, accountId, name) => {
      requireNamedCredentials(addon)
      await lifecycle.change(addon, accountId, {
        resource: (resource) => withCredential(DatabaseResource.parse(resource), name),
      })
    },
    destroyCredential: async (addon, accountId, name) => {
      requireNamedCredentials(addon)
      checkDestroyable(store, addon, name)
      const before = resourceOf(addon)
      credentialOf(before, `credential:${name}`)
      await exclusively(addon.id, () => dropCredential(before, name, server))
      await lifecycle.change(addon, accountId, {
        resource: (resource) => withoutCredential(DatabaseResource.parse(resource), name),
      })
    },
    rotate: async (addon, accountId, name) => {
      if (name !== undefined) credentialOf(resourceOf(addon), `credential:${name}`)
      await lifecycle.change(addon, accountId, {
        resource: (resource) => withNewPassword(DatabaseResource.parse(resource), name),
      })
      await resetConnections(resourceOf(addon), server)
    },

    capture,
    restore: (addon, source, extensions) =>
      queue.add({
        ...owner(addon),
        kind: 'restore',
        fromName: 'BACKUP',
        toName: nameOf(store, addon),
        work: restoreWork(addon.id, source, extensions, backupEffects),
      }),
    copy: (addon, { fromName, fromUrl, toName, toUrl }) => {
      if (connectionFromUrl(toUrl).database !== resourceOf(addon).database) {
        throw problem('invalid_params', 'Only a database of an add-on can be copied to.', {
          hint: 'For others use: heroku pg:pull',
        })
      }
      const source = { kind: 'database', connection: connectionFromUrl(fromUrl) } as const
      const work = restoreWork(addon.id, source, [], backupEffects)
      return queue.add({ ...owner(addon), kind: 'copy', fromName, toName, work })
    },
    transfers: (app) => store.transfers.ofApp(app.id).map(queue.current),
    transfer: (app, key) => {
      const transfer = store.transfers.find(app.id, key)
      if (transfer !== undefined) return queue.current(transfer)
      throw problem('not_found', `${app.name} has no such backup.`)
    },
    transferLogs: ({ id }) => store.transfers.logs(id),
    cancel: queue.cancel,
    removeTransfer: async (transfer) => {
      await queue.cancel(transfer)
      await removeBackup(transfer, folder, store)
    },
    downloadToken: (transfer) => downloadToken(transfer, store.secrets, clock()),
    download: (token) => {
      const id = readDownloadToken(token, store.secrets, clock())
      const transfer = id === undefined ? undefined : store.transfers.findById(id)
      if (transfer?.succeeded === true && transfer.kind === 'backup') {
        return { transfer, file: backupFile(folder, transfer) }
      }
      throw problem('not_found', 'This link has expired, or its backup is gone.')
    },

    schedules: schedulesOfApp,
    schedule: (addon, request) => {
      if (!isTimezone(request.timezone)) {
        throw problem('invalid_params', `There is no time zone "${request.timezone}".`)
      }
      const schedule = store.transferSchedules.set({ addonId: addon.id, ...request })
      scheduler.arm()
      return schedule
    },
    unschedule: (addon, id) => {
      const schedule = schedulesOfApp(addon).find((entry) => entry.id === id)
      if (schedule === undefined) throw problem('not_found', `There is no such schedule.`)
      store.transferSchedules.remove(schedule.id)
      scheduler.arm()
    },

    removeBackups: async (appId) => {
      for (const transfer of store.transfers.ofApp(appId)) await queue.cancel(transfer)
      await rm(join(folder, appId), { recursive: true, force: true })
    },
    recover: async () => {
      const resources = store.addons
        .list()
        .filter(({ service }) => service === provider.service.name)
        .map(resourceOf)
      if (resources.length > 0) await dropLeftovers(resources, server).catch(onBug)
      queue.recover()
      scheduler.arm()
    },
    idle: queue.idle,
    close: async () => {
      scheduler.close()
      await queue.close()
    },
  }
}

/** The app whose list a transfer appears in. @throws Problem while the database is not there */
function owner(addon: Addon): { appId: string; addonId: string } {
  if (addon.state === 'provisioned' && addon.appId !== null) {
    return { appId: addon.appId, addonId: addon.id }
  }
  throw problem('invalid_params', `${addon.name} is ${addon.state}.`)
}

/** What the owning app calls it: `DATABASE` if it is that. */
function nameOf(store: Store, addon: Addon): string {
  const names = store.attachments
    .ofAddon(addon.id)
    .filter(({ appId }) => appId === addon.appId)
    .map(({ name }) => name)
  return names.find((name) => name === 'DATABASE') ?? names[0] ?? addon.name
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
