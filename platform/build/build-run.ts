import { mkdir, rm, statfs } from 'node:fs/promises'
import type { Addons } from '../addons/index.ts'
import type { Sandbox } from '../dynos/index.ts'
import { commitSubject, exportCommit, repositoryOf } from '../git/index.ts'
import {
  problem,
  renderConfig,
  type App,
  type Build,
  type Home,
  type Slug,
  type Store,
} from '../store/index.ts'
import type { BuildRequest } from './contract.ts'
import { buildEnvironment, inheritedEnvironment, inheritedMounts } from './compile/environment.ts'
import { seenRuntime, type BuildRun } from './compile/programs.ts'
import { runBuildpacks, type Compiled } from './compile/run-buildpacks.ts'
import {
  makeWorkspace,
  removeWorkspace,
  SEEN,
  writeEnvironmentFolder,
} from './compile/workspace.ts'
import type { BuildLimits } from './limits.ts'
import { processTypesOf } from './process-types.ts'
import type { PushText } from './push-text.ts'
import type { Runtimes } from './runtime/runtimes.ts'
import { applySlugignore } from './slugignore.ts'
import { giveTo } from './slugs/layer-store.ts'
import type { KeptTree, SlugRoom } from './slugs/slugs.ts'

export type BuildEffects = Readonly<{
  home: Home
  store: Store
  sandbox: Sandbox
  slugs: SlugRoom
  addons: Pick<Addons, 'endpoints' | 'ensure'>
  runtimes: Runtimes
  /** The platform's own environment, of which builds take over what names package sources. */
  environment: Readonly<Record<string, string | undefined>>
  limits: BuildLimits
}>

/** What a build has made: everything that a slug record takes. */
export type Built = Readonly<{
  kept: KeptTree
  compiled: Compiled
  processTypes: Slug['processTypes']
  commitDescription: string | null
}>

export type Building = Readonly<{
  build: Build
  app: App
  request: BuildRequest
  text: PushText
  signal: AbortSignal
  running: BuildRun['running']
}>

/**
 * From source to slug: fetch, detect, compile, pack.
 *
 * @throws Problem `build_rejected`, `slug_too_large`, `disk_full` with what to do
 */
export async function runBuild(at: Building, effects: BuildEffects): Promise<Built> {
  const { build, app, text } = at
  const { home, slugs, sandbox, store } = effects
  await checkDisk(home, effects.limits)
  const owner = sandbox.user(app.id)
  const tree = slugs.newTree(app.id)
  const inherited = inheritedEnvironment(effects.environment)
  const workspace = await makeWorkspace(
    { id: build.id, appId: app.id, stack: app.stack },
    tree.path,
    {
      home,
      owner,
      inherited: inheritedMounts(inherited),
    },
  )
  let kept: KeptTree | undefined
  try {
    await fetchSource(at, tree.path, effects)
    await giveTo(tree.path, owner)
    const config = renderConfig(store.configVars.list(app.id), effects.addons.endpoints())
    await writeEnvironmentFolder(workspace, config, owner)
    const places = { sandbox, workspace }
    const node = seenRuntime(places, home, await effects.runtimes.node())
    const run: BuildRun = {
      appId: app.id,
      workspace,
      environment: {
        ...inherited,
        ...buildEnvironment({ ...build, stack: app.stack }, node),
      },
      text,
      sandbox,
      signal: at.signal,
      running: at.running,
    }
    text.topic(`Building on the ${stackTitle(app.stack)} stack`)
    const compiled = await runBuildpacks(run, {
      chosen: chosenBuildpacks(at, config, store),
      installed: await effects.runtimes.buildpacks(),
      owner,
      home,
      frameworkRuntime: effects.runtimes.framework,
    })
    const processTypes = await processTypesOf(tree.path, compiled, text)
    text.topic('Compressing...')
    at.running('packing the slug', null)
    kept = await slugs.keep(
      app.id,
      tree,
      compiled.layout,
      sandbox.inside(workspace.mounts, SEEN.runtime),
    )
    checkSize(kept, effects.limits)
    text.detail(`Done: ${megabytes(kept.size)}`)
    return { kept, compiled, processTypes, commitDescription: await describeCommit(at, effects) }
  } finally {
    await removeWorkspace(workspace)
    if (kept === undefined || sandbox.mode.kind === 'isolated') {
      await rm(tree.path, { recursive: true, force: true })
    }
  }
}

async function fetchSource(at: Building, tree: string, effects: BuildEffects): Promise<void> {
  at.running('fetching the source', null)
  await mkdir(tree, { recursive: true, mode: 0o755 })
  const { source } = at.build
  if (source.kind === 'commit') {
    await exportCommit(
      {
        repository: repositoryOf(effects.home, at.app.id),
        sha: source.sha,
        quarantine: at.request.quarantine ?? [],
      },
      tree,
      at.signal,
    )
  }
  const ignored = await applySlugignore(tree)
  if (ignored > 0) at.text.detail(`Removed ${ignored} files and folders named by .slugignore`)
}

/** This build's own list, else `BUILDPACK_URL`, else what the app's owner has chosen. */
function chosenBuildpacks(
  { request, app }: Building,
  config: Readonly<Record<string, string>>,
  store: Store,
): readonly string[] {
  if (request.buildpacks !== undefined && request.buildpacks.length > 0) return request.buildpacks
  const variable = config['BUILDPACK_URL']
  if (variable !== undefined && variable !== '') return [variable]
  return store.buildpackInstallations.list(app.id).map((one) => one.url)
}

async function describeCommit(at: Building, { home }: BuildEffects): Promise<string | null> {
  const { source } = at.build
  if (source.kind !== 'commit') return null
  const quarantine = at.request.quarantine ?? []
  return commitSubject({ repository: repositoryOf(home, at.app.id), sha: source.sha, quarantine })
}

async function checkDisk(home: Home, { diskFreeMin }: BuildLimits): Promise<void> {
  const { bavail, bsize } = await statfs(home.root)
  if (bavail * bsize >= diskFreeMin) return
  throw problem(
    'disk_full',
    `Only ${megabytes(bavail * bsize)} are free on the disk of ${home.root}; a build needs ${megabytes(diskFreeMin)}.`,
    { hint: 'Make room and push again. Nothing has changed.' },
  )
}

function checkSize({ size }: KeptTree, { slugBytesMax }: BuildLimits): void {
  if (size <= slugBytesMax) return
  throw problem(
    'slug_too_large',
    `Compiled slug size: ${megabytes(size)} is too large (max is ${megabytes(slugBytesMax)}).`,
    { hint: 'Leave files out with .slugignore, and dependencies that only the build needs.' },
  )
}

/** As Heroku shows sizes: `36.3M`. */
export const megabytes = (bytes: number): string => `${(bytes / (1024 * 1024)).toFixed(1)}M`

/** `heroku-24` → `Heroku-24`. */
const stackTitle = (stack: string): string => stack.charAt(0).toUpperCase() + stack.slice(1)
