import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, rm, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeDurably } from '@hokku/kit/disk'
import { stopEmbedded } from '@hokku/postgres'
import { createDatabaseServer, giveToStorage, restoreDatabases } from '../addons/index.ts'
import { openAuthority } from '../certificates/index.ts'
import { homeAt, openStore, problem, type Home, type Store } from '../store/index.ts'
import { copyFile, verifyArchive, type Manifest, type OpenedArchive } from './archive.ts'
import { finishRestore, journalFile, stagedFolder, type RestoreJournal } from './finish-restore.ts'

export type RestoreEffects = Readonly<{
  home: Home
  passphrase: string
  searchPath: string
  /** `HOKKU_POSTGRES_URL`: a server of the operator's is left alone. */
  postgresUrl?: string | undefined
  now: () => Date
  say: (line: string) => void
}>

export type RestoreResult = Readonly<{
  createdAt: string
  files: number
  /** Where the files are that were there before; undefined in an empty home. */
  old: string | undefined
}>

/**
 * Puts a backup in the place of what a home holds, while no platform runs on it. Everything is made
 * ready beside the old home first; until then it stays as it is.
 *
 * @throws Problem `invalid_params`, `disk_full`
 */
export async function restoreBackup(
  archive: string,
  effects: RestoreEffects,
): Promise<RestoreResult> {
  const { home, passphrase, say } = effects
  finishRestore(home)
  say('Reading the backup')
  const opened = await verifyArchive(archive, passphrase)
  await checkRoom(opened.manifest, home)
  const staged = homeAt(stagedFolder(home))
  try {
    await stageFiles(archive, opened, staged)
    await stageState(archive, staged, effects)
  } catch (error) {
    await rm(staged.root, { recursive: true, force: true })
    throw error
  }
  await writeJournal(home, effects.now())
  const old = finishRestore(home)
  const isEmpty = old !== undefined && (await readdir(old)).length === 0
  if (isEmpty) await rm(old, { recursive: true })
  const { createdAt, files } = opened.manifest
  return { createdAt, files: files.length, old: isEmpty ? undefined : old }
}

async function checkRoom({ files }: Manifest, home: Home): Promise<void> {
  await mkdir(home.root, { recursive: true, mode: 0o711 })
  const needed = files.reduce((sum, { size }) => sum + size, 0)
  const { bavail, bsize } = await statfs(home.root)
  // Databases take more than their compressed dumps.
  if (bavail * bsize > needed * ROOM_FACTOR) return
  throw problem('disk_full', `There is too little space for the backup in ${home.root}.`, {
    hint: `It needs ${Math.ceil((needed * ROOM_FACTOR) / 1e6)} MB. Nothing was changed.`,
  })
}

const ROOM_FACTOR = 2

async function stageFiles(
  archive: string,
  { manifest, sealed }: OpenedArchive,
  staged: Home,
): Promise<void> {
  await mkdir(staged.root, { recursive: true })
  // PostgreSQL's own user has to pass.
  await chmod(staged.root, 0o711)
  for (const { path, mode, sha256 } of manifest.files) {
    if (path.startsWith('databases/')) continue
    const to = join(staged.root, path)
    await mkdir(dirname(to), { recursive: true, mode: 0o711 })
    const copied = await copyFile(join(archive, 'files', path), to)
    if (copied.sha256 !== sha256)
      throw problem('invalid_params', `${path} changed while it was read.`)
    await chmod(to, mode)
  }
  for (const [path, { mode, content }] of Object.entries(sealed)) {
    await mkdir(dirname(join(staged.root, path)), { recursive: true, mode: 0o711 })
    await writeDurably(join(staged.root, path), Buffer.from(content, 'base64'), mode)
  }
  if (existsSync(staged.slugs)) await chmod(staged.slugs, 0o700)
  const objects = join(staged.root, 'object-storage')
  if (existsSync(objects)) await giveToStorage(objects)
}

/** The copied state, without what was true only where it was made; and its databases. */
async function stageState(archive: string, staged: Home, effects: RestoreEffects): Promise<void> {
  const store = openStore(staged)
  try {
    forgetMachine(store)
    if (effects.postgresUrl === undefined) await stageDatabases(archive, store, staged, effects)
    else
      effects.say(`Your own PostgreSQL is left as it is; dumps are in ${archive}/files/databases`)
  } finally {
    store.close()
  }
}

/** Dynos ran elsewhere, and servers of other add-ons have to make what is theirs again. */
function forgetMachine(store: Store): void {
  store.transaction(() => {
    store.db.run('delete from dynos')
    for (const addon of store.addons.list()) {
      if (addon.state === 'provisioned') store.addons.update(addon.id, { task: 'configure' })
    }
  })
}

async function stageDatabases(
  archive: string,
  store: Store,
  staged: Home,
  effects: RestoreEffects,
): Promise<void> {
  const { searchPath, say } = effects
  const authority = await openAuthority(staged.certificates)
  const server = createDatabaseServer({
    directory: staged.postgres,
    tls: () => authority.leafFiles('127.0.0.1'),
  })
  try {
    await restoreDatabases({ store, server, searchPath, say }, ({ id }) =>
      join(archive, 'files/databases', `${id}.dump`),
    )
  } finally {
    await stopEmbedded({ directory: staged.postgres })
  }
}

async function writeJournal(home: Home, now: Date): Promise<void> {
  const staged = await readdir(stagedFolder(home))
  const journal: RestoreJournal = {
    incoming: staged.filter((name) => !name.startsWith('.')),
    retired: [...RETIRED],
    kept: `before-restore-${now.toISOString().slice(0, 19).replaceAll(':', '-')}`,
  }
  await writeDurably(journalFile(home), JSON.stringify(journal))
}

/** Belongs to the state that was there, and is made again from what was restored. */
const RETIRED = [
  'hokku.sqlite-wal',
  'hokku.sqlite-shm',
  'apps',
  'slugs',
  'unpacked',
  'builds',
  'dynos',
  'run',
  'postgres',
  'object-storage',
]
