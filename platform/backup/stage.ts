import { copyFile, link, lstat, mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import type { Home } from '../store/index.ts'

/**
 * Holds the files of a running platform still: a second name for each, which costs no space, and
 * copies of both databases. The state is copied first, so all that it speaks of is there.
 *
 * @returns the paths in the home of what was held
 */
export async function stageHome(home: Home, stage: string): Promise<string[]> {
  await mkdir(stage, { recursive: true, mode: 0o700 })
  // SQLite would make an empty one in the place of one that is missing.
  await lstat(home.database)
  await copyDatabase(home.database, join(stage, 'hokku.sqlite'))
  const apps = await namesIn(home.apps)
  const linked = await Promise.all([
    linkTree(home.root, 'slugs', stage),
    linkStorage(home, stage),
    ...apps.map((app) => linkRepository(home.root, join('apps', app, 'repository.git'), stage)),
    ...apps.map((app) => linkTree(home.root, join('apps', app, 'lfs/objects'), stage)),
    ...(await namesIn(home.backups))
      .filter((name) => UUID.test(name))
      .map((app) => linkTree(home.root, join('backups', app), stage)),
  ])
  return ['hokku.sqlite', ...linked.flat()]
}

/** Folders of apps: all else in `backups` is ours. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => [])

/** By SQLite's own backup, while it is written to. */
async function copyDatabase(from: string, to: string): Promise<void> {
  const db = new DatabaseSync(from, { timeout: LOCK_WAIT_MS })
  try {
    await backup(db, to)
  } finally {
    db.close()
  }
}

const LOCK_WAIT_MS = 30_000

/** Loose refs, then packed ones, then objects: git writes in the other order. */
async function linkRepository(root: string, path: string, stage: string): Promise<string[]> {
  const parts = ['refs', 'HEAD', 'config', 'packed-refs', 'objects', 'objects']
  const found = new Set<string>()
  for (const part of parts) {
    for (const one of await linkTree(root, join(path, part), stage)) found.add(one)
  }
  return [...found]
}

/** Files, the catalogue that names them, and the files that came meanwhile. */
async function linkStorage(home: Home, stage: string): Promise<string[]> {
  const folder = 'object-storage'
  const catalogue = join(folder, 'catalogue.sqlite')
  const isThere = async (path: string) =>
    (await lstat(join(home.root, path)).catch(() => null)) !== null
  if (!(await isThere(catalogue))) return []
  const before = await linkTree(home.root, join(folder, 'files'), stage)
  await mkdir(join(stage, folder), { recursive: true, mode: 0o700 })
  // Without a log no one has it open, and opening it here would make one that its owner cannot write.
  const copy = (await isThere(`${catalogue}-wal`)) ? copyDatabase : copyFile
  await copy(join(home.root, catalogue), join(stage, catalogue))
  const after = await linkTree(home.root, join(folder, 'files'), stage)
  const port = await linkTree(home.root, join(folder, 'port'), stage)
  return [...new Set([...before, ...after, ...port, catalogue])]
}

/** A second name for each regular file below a path; what goes meanwhile is left out. */
async function linkTree(root: string, path: string, stage: string): Promise<string[]> {
  const entry = await lstat(join(root, path)).catch(() => null)
  if (entry === null) return []
  if (entry.isDirectory()) {
    const found: string[] = []
    for (const name of await namesIn(join(root, path))) {
      found.push(...(await linkTree(root, join(path, name), stage)))
    }
    return found
  }
  if (!entry.isFile()) return []
  const to = join(stage, path)
  await mkdir(dirname(to), { recursive: true, mode: 0o700 })
  try {
    await link(join(root, path), to)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') return []
    if (code !== 'EEXIST') throw error
  }
  return [path]
}
