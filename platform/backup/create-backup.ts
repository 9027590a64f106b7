import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { syncDirectory } from '@hokku/kit/disk'
import { createDatabaseServer, dumpDatabases } from '../addons/index.ts'
import { openAuthority } from '../certificates/index.ts'
import { openStore, type Home } from '../store/index.ts'
import { archiveFile, signArchive, type ArchivedFile, type SealedFiles } from './archive.ts'
import { stageHome } from './stage.ts'

export type BackupEffects = Readonly<{
  home: Home
  version: string
  passphrase: string
  /** PATH, in which `pg_dump` is looked for. */
  searchPath: string
  /** `HOKKU_POSTGRES_URL`. */
  postgresUrl?: string | undefined
  now: () => Date
  say: (line: string) => void
}>

export type BackupResult = Readonly<{ folder: string; files: number; bytes: number }>

/**
 * Makes a backup of a platform while it runs: a folder below `target`, named by the time. It gets
 * its name when it is whole.
 */
export async function createBackup(target: string, effects: BackupEffects): Promise<BackupResult> {
  const { home, now } = effects
  const createdAt = now().toISOString()
  const name = `hokku-${createdAt.slice(0, 19).replaceAll(':', '-')}`
  const folder = join(resolve(target), name)
  const temporary = `${folder}.part`
  await mkdir(temporary, { recursive: true, mode: 0o700 })
  const stage = join(home.backups, `.stage-${randomUUID()}`)
  try {
    const files = await fill(temporary, stage, effects)
    const sealed = await readSealed(home)
    const { version } = effects
    await signArchive(
      temporary,
      { format: 1, version, createdAt, files },
      sealed,
      effects.passphrase,
    )
    await rename(temporary, folder)
    await syncDirectory(resolve(target))
    return { folder, files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) }
  } finally {
    await rm(stage, { recursive: true, force: true })
    await rm(temporary, { recursive: true, force: true })
  }
}

async function fill(
  archive: string,
  stage: string,
  effects: BackupEffects,
): Promise<ArchivedFile[]> {
  const { home, say } = effects
  const paths = await stageHome(home, stage)
  say(`Copying ${paths.length} files`)
  const files: ArchivedFile[] = []
  for (const path of paths.toSorted()) {
    files.push(await archiveFile(join(stage, path), archive, path))
  }
  return [...files, ...(await dumpAll(archive, stage, effects))]
}

/** The databases that the copied state speaks of. */
async function dumpAll(
  archive: string,
  stage: string,
  effects: BackupEffects,
): Promise<ArchivedFile[]> {
  const { home, searchPath, postgresUrl, say } = effects
  const store = openStore({ database: join(stage, 'hokku.sqlite'), key: home.key })
  const dumps = join(stage, 'databases')
  try {
    const server = createDatabaseServer({
      url: postgresUrl,
      directory: home.postgres,
      tls: async () => (await openAuthority(home.certificates)).leafFiles('127.0.0.1'),
    })
    for (const { name, service } of store.addons.list()) {
      if (LEFT_OUT.has(service)) say(`Not in the backup: the data of ${name} (${service}).`)
    }
    const dumped = await dumpDatabases({ store, server, searchPath, say }, (addon) => {
      say(`Dumping ${addon.name}`)
      return join(dumps, `${addon.id}.dump`)
    })
    const files: ArchivedFile[] = []
    for (const { id } of dumped) {
      const path = join('databases', `${id}.dump`)
      files.push(await archiveFile(join(stage, path), archive, path))
    }
    return files
  } finally {
    store.close()
  }
}

/** Their servers hold the data; what an app keeps for good belongs into its database. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'cloudamqp',
  'heroku-redis',
  'rediscloud',
  'redistogo',
  'bonsai',
])

/** What opens everything else: the key of config vars, the owner's token, the authority. */
async function readSealed(home: Home): Promise<SealedFiles> {
  const certificates = await filesBelow(home.certificates, 'certificates')
  const storageToken = join('object-storage', 'token')
  const paths = ['key', 'token', storageToken, ...certificates]
  const sealed: SealedFiles = {}
  for (const path of paths) {
    const content = await readFile(join(home.root, path)).catch(() => undefined)
    if (content === undefined) continue
    const { mode } = await stat(join(home.root, path))
    sealed[path] = { mode: mode & 0o777, content: content.toString('base64') }
  }
  return sealed
}

async function filesBelow(folder: string, path: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const found: string[] = []
  for (const entry of entries) {
    const below = join(path, entry.name)
    if (entry.isDirectory()) found.push(...(await filesBelow(join(folder, entry.name), below)))
    else if (entry.isFile() && (await stat(join(folder, entry.name))).size <= SEALED_BYTES_MAX)
      found.push(below)
  }
  return found
}

/** Keys and certificates are small; the bundle of all authorities is a quarter of a megabyte. */
const SEALED_BYTES_MAX = 4 * 1024 * 1024
