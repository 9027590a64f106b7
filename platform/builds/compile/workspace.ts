import { existsSync } from 'node:fs'
import { chown, cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mount } from '../../sandbox/index.ts'
import type { Home } from '../../store/index.ts'
import { removeTree, type Owner } from '../../sandbox/index.ts'
import { exists, giveTo } from '../../slugs/index.ts'

/** The folders of one build, and where its programs see them. */
export type Workspace = Readonly<{
  /** The build's own folder; gone when it has ended. */
  root: string
  /** Ours alone: for what is needed on the way. */
  scratch: string
  mounts: readonly Mount[]
  /** Whether an earlier build left a cache. */
  hasCache: boolean
}>

/** Paths as buildpacks see them when they run isolated. */
export const SEEN = {
  tree: '/app',
  cache: '/build/cache',
  env: '/build/env',
  packs: '/build/packs',
  runtime: '/build/runtime',
}

export async function makeWorkspace(
  build: Readonly<{ id: string; appId: string; stack: string }>,
  tree: string,
  effects: Readonly<{ home: Home; owner: Owner; inherited: readonly Mount[] }>,
): Promise<Workspace> {
  const { home, owner } = effects
  const root = join(home.builds, build.id, 'work')
  const cache = cacheFolder(home, build.appId, build.stack)
  const hasCache = await exists(cache)
  for (const folder of [join(root, 'env'), join(root, 'packs'), cache]) {
    await mkdir(folder, { recursive: true, mode: 0o711 })
    if (owner !== null) await chown(folder, owner.uid, owner.uid)
  }
  const scratch = join(root, 'scratch')
  await mkdir(scratch, { mode: 0o700, recursive: true })
  return {
    root,
    scratch,
    hasCache,
    mounts: [
      { from: tree, to: SEEN.tree, mode: 'rw' },
      { from: cache, to: SEEN.cache, mode: 'rw' },
      { from: join(root, 'env'), to: SEEN.env, mode: 'ro' },
      { from: join(root, 'packs'), to: SEEN.packs, mode: 'rw' },
      { from: home.runtime, to: SEEN.runtime, mode: 'ro' },
      ...(await packageState(root)),
      ...effects.inherited,
    ],
  }
}

/**
 * Debian of today keeps its sources in `sources.list.d`; buildpacks for apt copy `sources.list`,
 * which is there on Heroku.
 */
async function packageState(root: string): Promise<Mount[]> {
  const mounts = PACKAGE_STATE.filter((path) => existsSync(path)).map((path): Mount => ({
    from: path,
    to: path,
    mode: 'ro',
  }))
  if (!existsSync('/etc/apt') || existsSync(SOURCES_LIST)) return mounts
  const file = join(root, 'sources.list')
  await writeFile(file, '# See sources.list.d.\n', { mode: 0o644 })
  return [...mounts, { from: file, to: SOURCES_LIST, mode: 'ro' }]
}

const SOURCES_LIST = '/etc/apt/sources.list'

/** What apt reads: its sources, whom it trusts, and what is installed; no passwords of mirrors. */
const PACKAGE_STATE = [
  SOURCES_LIST,
  '/etc/apt/sources.list.d',
  '/etc/apt/trusted.gpg',
  '/etc/apt/trusted.gpg.d',
  '/etc/apt/keyrings',
  '/etc/apt/preferences.d',
  '/var/lib/dpkg',
]

export const cacheFolder = (home: Home, appId: string, stack: string): string =>
  join(home.apps, appId, 'cache', stack)

/** One file per config var, readable by the build alone; a value is the whole content. */
export async function writeEnvironmentFolder(
  workspace: Workspace,
  config: Readonly<Record<string, string>>,
  owner: Owner,
): Promise<void> {
  const folder = join(workspace.root, 'env')
  for (const [name, value] of Object.entries(config)) {
    if (/^\w+$/.test(name)) await writeFile(join(folder, name), value, { mode: 0o600 })
  }
  await giveTo(folder, owner)
}

/** A buildpack's own copy for this build: it may write `export` beside its `bin/`. */
export async function placeBuildpack(
  workspace: Workspace,
  from: string,
  name: string,
  owner: Owner,
): Promise<void> {
  const folder = join(workspace.root, 'packs', name)
  await cp(from, folder, { recursive: true, verbatimSymlinks: true })
  await giveTo(folder, owner)
}

export const removeWorkspace = (workspace: Workspace): Promise<void> => removeTree(workspace.root)
