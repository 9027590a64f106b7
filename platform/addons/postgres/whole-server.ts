import { Problem } from '@hokku/kit/problem'
import type { Addon, Store } from '../../store/index.ts'
import { dumpTo, restoreFrom } from './backups.ts'
import { clientToolFolders } from './client-tools.ts'
import { ensureDatabase } from './databases.ts'
import { SERVICE } from './provider.ts'
import { storedDatabase } from './resource.ts'
import type { DatabaseServer } from './server.ts'

/** The databases of a whole platform: `hokku backup` and `hokku restore`. */
export type WholeServer = Readonly<{
  store: Store
  server: DatabaseServer
  /** PATH, in which `pg_dump` is looked for. */
  searchPath: string
  say: (line: string) => void
}>

/** Databases that there are, by their add-ons. */
const databasesOf = (store: Store): Addon[] =>
  store.addons.list().filter(({ service, state }) => service === SERVICE && state === 'provisioned')

/**
 * Dumps each database to its file, and has `pg_restore` list what it holds.
 *
 * @returns the add-ons whose databases were dumped; one that was destroyed meanwhile is none
 */
export async function dumpDatabases(
  whole: WholeServer,
  fileOf: (addon: Addon) => string,
): Promise<Addon[]> {
  const dumped: Addon[] = []
  for (const addon of databasesOf(whole.store)) {
    try {
      await dumpTo(
        storedDatabase(addon.id, whole.store),
        fileOf(addon),
        effectsOf(whole),
        contextOf(whole),
      )
      dumped.push(addon)
    } catch (error) {
      if (!(await isGone(whole, addon))) throw error
      whole.say(`${addon.name} was destroyed while the backup was made: left out.`)
    }
  }
  return dumped
}

/** Makes each database with its roles, and fills it from its file. */
export async function restoreDatabases(
  whole: WholeServer,
  fileOf: (addon: Addon) => string,
): Promise<void> {
  for (const addon of databasesOf(whole.store)) {
    await ensureDatabase(storedDatabase(addon.id, whole.store), addon.plan, whole.server)
    whole.say(`Restoring ${addon.name}`)
    await restoreFrom(addon.id, fileOf(addon), effectsOf(whole), contextOf(whole))
  }
}

const effectsOf = ({ store, server, searchPath }: WholeServer) => ({
  store,
  server,
  folder: '',
  toolFolders: () => clientToolFolders(searchPath),
  exclusively: <T>(_addonId: string, work: () => Promise<T>): Promise<T> => work(),
})

const contextOf = ({ say }: WholeServer) => ({
  signal: new AbortController().signal,
  log: (line: string) => {
    if (line.startsWith('Warning')) say(line)
  },
  progress: () => {},
})

async function isGone({ store, server }: WholeServer, { id }: Addon): Promise<boolean> {
  const { database } = storedDatabase(id, store)
  try {
    const { rows } = await server.withAdmin((client) =>
      client.query('select 1 from pg_database where datname = $1', [database]),
    )
    return rows.length === 0
  } catch (error) {
    if (error instanceof Problem) return false
    throw error
  }
}
