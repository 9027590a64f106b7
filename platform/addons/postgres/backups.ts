import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { problem, type Store, type Transfer } from '../../store/index.ts'
import { backupFile, expiredBackups, removeBackup } from './backup-files.ts'
import { findClientTools, type ClientTools } from './client-tools.ts'
import type { DatabaseLifecycle, RestoreSource } from './contract.ts'
import {
  createFresh,
  dropFresh,
  keepOpen,
  ownerOf,
  swapDatabase,
  withMaintenanceRole,
} from './databases.ts'
import { downloadDump } from './download.ts'
import {
  dumpDatabase,
  listDump,
  restoreDump,
  verifyDump,
  type Connection,
  type Dump,
} from './dump.ts'
import { availableExtensions, checkExtensions } from './extensions.ts'
import { databaseBytes } from './info.ts'
import { planRestore } from './restore-list.ts'
import { storedDatabase } from './resource.ts'
import type { DatabaseResource as Resource } from './schema.ts'
import type { DatabaseServer } from './server.ts'
import type { TransferContext, TransferOutcome, TransferWork } from './transfer-work.ts'

export type BackupEffects = Readonly<{
  store: Store
  server: DatabaseServer
  /** Folder of all backups. */
  folder: string
  /** Where `pg_dump` may be. */
  toolFolders: () => Promise<readonly string[]>
  exclusively: DatabaseLifecycle['exclusively']
}>

/** Dumps an add-on's database into the file of the transfer. */
export function captureWork(addonId: string, effects: BackupEffects): TransferWork {
  const { store, server, folder } = effects
  return async (transfer, context) => {
    const resource = resourceOf(store, addonId)
    await keepOpen(resource, server)
    const sourceBytes = await databaseBytes(resource, server)
    context.log(`Dumping ${transfer.fromName}, ${sourceBytes} bytes`)
    const dump = await dumpTo(resource, backupFile(folder, transfer), effects, context)
    await expire(transfer, effects)
    return { ...dump, sourceBytes }
  }
}

/** Dumps a database to a file, with the role for maintenance. */
export async function dumpTo(
  resource: Resource,
  file: string,
  effects: Pick<BackupEffects, 'server' | 'toolFolders'>,
  context: TransferContext,
): Promise<Dump> {
  const { server } = effects
  const tools = await toolsFor(effects)
  return await withMaintenanceRole(resource, server, async (credential) =>
    dumpDatabase(await connectionTo(resource, credential, server), file, { tools, ...context }),
  )
}

/** Puts the content of a dump in the place of an add-on's database. */
export async function restoreFrom(
  addonId: string,
  file: string,
  effects: BackupEffects,
  context: TransferContext,
): Promise<TransferOutcome> {
  const tools = await toolsFor(effects)
  return await restoreFile({ addonId, file, extensions: [], tools }, effects, context)
}

/** Makes room, and says what went; the backup just taken never goes. */
async function expire(transfer: Transfer, { store, folder }: BackupEffects): Promise<void> {
  const others = store.transfers.ofApp(transfer.appId).filter(({ id }) => id !== transfer.id)
  const counted = [...others, { ...transfer, succeeded: true }]
  for (const old of expiredBackups(counted)) {
    if (old.id !== transfer.id) await removeBackup(old, folder, store)
  }
}

/** Fills a new database from `source`, then puts it in the place of the add-on's. */
export function restoreWork(
  addonId: string,
  source: RestoreSource,
  extensions: readonly string[],
  effects: BackupEffects,
): TransferWork {
  return async (transfer, context) => {
    const tools = await toolsFor(effects)
    const incoming = join(effects.folder, 'incoming')
    await mkdir(incoming, { recursive: true, mode: 0o700 })
    const temporary = join(incoming, transfer.id)
    try {
      const file = await obtain(source, temporary, { ...effects, tools }, context)
      return await restoreFile({ addonId, file, extensions, tools }, effects, context)
    } finally {
      await rm(temporary, { force: true })
    }
  }
}

/** @returns the file to restore from: the backup's own, or `temporary` after fetching it */
async function obtain(
  source: RestoreSource,
  temporary: string,
  effects: BackupEffects & { tools: ClientTools },
  context: TransferContext,
): Promise<string> {
  if (source.kind === 'backup') {
    const { transfer } = source
    const file = backupFile(effects.folder, transfer)
    const expected = { bytes: transfer.processedBytes, sha256: transfer.sha256 ?? '' }
    if (await verifyDump(file, expected)) return file
    throw problem('invalid_params', `The file of backup ${transfer.num} is damaged or gone.`)
  }
  if (source.kind === 'url') {
    const bytes = await downloadDump(source.url, temporary, context)
    context.log(`Downloaded ${bytes} bytes`)
  } else {
    await dumpDatabase(source.connection, temporary, { tools: effects.tools, ...context })
  }
  return temporary
}

type RestoreRequest = Readonly<{
  addonId: string
  file: string
  extensions: readonly string[]
  tools: ClientTools
}>

async function restoreFile(
  { addonId, file, extensions, tools }: RestoreRequest,
  effects: BackupEffects,
  context: TransferContext,
): Promise<TransferOutcome> {
  const { store, server, exclusively } = effects
  const resource = resourceOf(store, addonId)
  const wanted = await checkExtensions(extensions, server)
  const plan = planRestore(
    await listDump(file, { tools, ...context }),
    await availableExtensions(server),
  )
  for (const entry of plan.skipped) context.log(`Warning: left out ${entry}`)
  try {
    const fresh = await createFresh(resource, server, [...wanted, ...plan.create])
    await withMaintenanceRole(resource, server, async (credential) => {
      const connection = await connectionTo({ ...resource, database: fresh }, credential, server)
      await restoreDump(file, plan.list, connection, { tools, ...context })
    })
    await server.withAdmin((client) => client.query('analyze'), fresh)
    const bytes = await databaseBytes({ ...resource, database: fresh }, server)
    context.log(`Restored ${bytes} bytes into a new database`)
    context.signal.throwIfAborted()
    await exclusively(addonId, () => swapDatabase(resourceOf(store, addonId), server))
    context.log('Put it in the place of the former one')
    return { bytes, sourceBytes: bytes, warnings: plan.skipped.length }
  } catch (error) {
    await dropFresh(resource, server)
    throw error
  }
}

function resourceOf(store: Store, addonId: string): Resource {
  if (store.addons.find(addonId)?.state === 'provisioned') return storedDatabase(addonId, store)
  throw problem('invalid_params', 'The database was removed, or is not ready yet.')
}

async function toolsFor({
  server,
  toolFolders,
}: Pick<BackupEffects, 'server' | 'toolFolders'>): Promise<ClientTools> {
  const { rows } = await server.withAdmin((client) =>
    client.query<{ major: number }>(
      "select current_setting('server_version_num')::int / 10000 as major",
    ),
  )
  return findClientTools(await toolFolders(), rows[0]?.major ?? 0)
}

async function connectionTo(
  resource: Resource,
  credential: Readonly<{ user: string; password: string }>,
  server: DatabaseServer,
): Promise<Connection> {
  await server.start()
  const { hostname, port } = new URL(`postgres://${server.endpoint() ?? ''}`)
  return {
    host: hostname,
    port,
    ...credential,
    role: ownerOf(resource),
    database: resource.database,
    sslMode: server.addressSuffix === '' ? 'prefer' : 'require',
  }
}

/**
 * The connection that a `postgres://` address of a user's means. Only over the network: a socket
 * would let us in as the user that the platform runs as.
 *
 * @throws Problem `invalid_params`
 */
export function connectionFromUrl(address: string): Connection {
  const isPostgres = /^postgres(ql)?:\/\//.test(address) && URL.canParse(address)
  const url = new URL(isPostgres ? address : 'postgres:///')
  const host = decodeURIComponent(url.hostname)
  const database = decodeURIComponent(url.pathname.slice(1))
  if (host === '' || host.startsWith('/') || database === '' || url.username === '') {
    throw problem('invalid_params', 'The address of the database is not complete.', {
      hint: 'It should look like postgres://user:password@host:5432/database',
    })
  }
  const user = decodeURIComponent(url.username)
  return {
    host,
    port: url.port || '5432',
    user,
    password: decodeURIComponent(url.password),
    role: user,
    database,
    sslMode: url.searchParams.get('sslmode') ?? 'prefer',
  }
}
