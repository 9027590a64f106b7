import type { Sandbox } from '../sandbox/index.ts'
import { commitSubject, repositoryOf } from '../git/index.ts'
import type { Releases } from '../releases/index.ts'
import { removeTree } from '../sandbox/index.ts'
import { renderConfig, type Build, type Home, type Slug, type Store } from '../store/index.ts'
import { buildEnvironment, inheritedEnvironment, inheritedMounts } from './compile/environment.ts'
import { managedPythons, managedRusts, mountsOf } from './compile/interpreters.ts'
import { listedBuildpacks } from './compile/listed-buildpacks.ts'
import { seenRuntime, type BuildRun } from './compile/programs.ts'
import { runBuildpacks, type Compiled } from './compile/run-buildpacks.ts'
import {
  makeWorkspace,
  removeWorkspace,
  SEEN,
  writeEnvironmentFolder,
  type Workspace,
} from './compile/workspace.ts'
import type { BuildAddons, BuildRequest } from './contract.ts'
import { checkDisk, checkSlugSize, megabytes } from './disk.ts'
import { limitTree } from './limit-tree.ts'
import type { BuildLimits } from './limits.ts'
import { processTypesOf } from './process-types.ts'
import type { PushText } from './push-text.ts'
import type { Runtimes } from './runtime/runtimes.ts'
import type { Setup } from './setup/app-json.ts'
import { addBuildpackAddons, setUpApp } from './setup/first-deploy.ts'
import type { KeptTree, NewTree, SlugStore } from '../slugs/index.ts'
import { fetchSource, type SourceFetch } from './source/fetch-source.ts'
import type { Sources } from './source/sources.ts'
import type { Summary } from './summary.ts'

export type BuildEffects = Readonly<{
  home: Home
  store: Store
  sandbox: Sandbox
  slugs: SlugStore
  sources: Sources
  addons: BuildAddons
  releases: Pick<Releases, 'create'>
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
  setup: Setup
  summary: Summary
}>

/** A build as it was asked for, and how it says what it does. */
export type BuildTask = Readonly<{
  build: Build
  request: BuildRequest
  text: PushText
  signal: AbortSignal
  running: BuildRun['running']
}>

/** A build at work: what its steps share, from the source to the slug. */
export type Building = BuildTask &
  Readonly<{
    tree: NewTree
    workspace: Workspace
    /** What it takes over of the platform's own environment. */
    inherited: Readonly<Record<string, string>>
    /** Folders of this machine's version managers, each with one Python or Rust. */
    pythons: readonly string[]
    rusts: readonly string[]
  }>

/**
 * From source to slug: fetch, set up, detect, compile, pack.
 *
 * @throws Problem `build_rejected`, `slug_too_large`, `disk_full` with what to do
 */
export const runBuild = (task: BuildTask, effects: BuildEffects): Promise<Built> =>
  inTree(task, effects, async (building) => ({
    result: await buildSlug(building, effects),
    // In plain mode the tree stays: it is what the dynos run from.
    tree: effects.sandbox.mode.kind === 'isolated' ? 'temporary' : 'kept',
  }))

export type TreeWork<Result> = (
  building: Building,
) => Promise<Readonly<{ result: Result; tree: 'kept' | 'temporary' }>>

/** Does work in a tree and a workspace of one build; they are removed when it has ended. */
export async function inTree<Result>(
  task: BuildTask,
  effects: BuildEffects,
  work: TreeWork<Result>,
): Promise<Result> {
  const { app } = task.request
  await checkDisk(effects.home, effects.limits)
  const tree = effects.slugs.newTree(app.id)
  const inherited = inheritedEnvironment(effects.environment)
  const pythons = managedPythons(effects.environment)
  const rusts = managedRusts(effects.environment)
  const workspace = await makeWorkspace(
    { id: task.build.id, appId: app.id, stack: app.stack },
    tree.path,
    {
      home: effects.home,
      owner: effects.sandbox.user(app.id),
      inherited: [...inheritedMounts(inherited), ...mountsOf([...pythons, ...rusts])],
    },
  )
  let fate: 'kept' | 'temporary' = 'temporary'
  const limit = limitTree(writableIn(workspace), effects.limits, {
    root: effects.home.root,
    signal: task.signal,
  })
  try {
    const { signal } = limit
    const done = await work({ ...task, signal, tree, workspace, inherited, pythons, rusts })
    fate = done.tree
    return done.result
  } catch (error) {
    limit.check()
    throw error
  } finally {
    limit.stop()
    await removeWorkspace(workspace)
    if (fate === 'temporary') await removeTree(tree.path)
  }
}

/** What programs of a build can write to: the tree, the cache and buildpacks. */
const writableIn = ({ mounts, scratch }: Workspace): string[] => [
  scratch,
  ...mounts.flatMap((mount) => (mount.mode === 'rw' ? [mount.from] : [])),
]

async function buildSlug(building: Building, effects: BuildEffects): Promise<Built> {
  const { tree, text, workspace } = building
  const { compiled, setup, source, compile } = await compileSource(building, effects)
  const processTypes = await processTypesOf(tree.path, compiled, text)
  const began = performance.now()
  const kept = await packSlug(building, compiled, effects)
  const pack = performance.now() - began
  const commitDescription = await describeCommit(building, effects)
  const { titles, used } = compiled
  const { layers } = kept.manifest
  const summary = { titles, used, hasCache: workspace.hasCache, layers, source, compile, pack }
  return { kept, compiled, processTypes, commitDescription, setup, summary }
}

async function packSlug(
  { request, tree, workspace, text, running }: Building,
  { layout }: Compiled,
  { sandbox, slugs, limits }: BuildEffects,
): Promise<KeptTree> {
  text.topic('Compressing...')
  running('packing the slug', null)
  const runtimes = sandbox.inside(workspace.mounts, SEEN.runtime)
  const kept = await slugs.keep(request.app.id, tree, layout, runtimes)
  checkSlugSize(kept.size, limits)
  text.detail(`Done: ${megabytes(kept.size)}`)
  return kept
}

/** What buildpacks have made of the source, and how further programs run in the same place. */
export type CompiledSource = Readonly<{
  compiled: Compiled
  setup: Setup
  run: BuildRun
  /** How long the source and the buildpacks took, in milliseconds. */
  source: number
  compile: number
}>

/** Fetches the source, sets the app up at its first deploy, and runs the buildpacks. */
export async function compileSource(
  building: Building,
  effects: BuildEffects,
): Promise<CompiledSource> {
  const { build, request, text, tree } = building
  const { app, isTest = false } = request
  building.running('fetching the source', null)
  const began = performance.now()
  await fetchSource(sourceOf(building, effects), effects)
  const source = performance.now() - began
  const setting = { app, accountId: build.accountId, text }
  const setup = await setUpApp({ ...setting, tree: tree.path, isTest }, effects)
  const config = configOf(request, effects)
  const run = await prepareRun(building, config, effects)
  const named = chosenBuildpacks(request, config, setup, effects.store)
  const chosen = named.length > 0 ? named : await listedBuildpacks(tree.path, app.stack)
  const compiled = await compileTree(run, request, chosen, effects)
  await addBuildpackAddons(compiled.defaults.addons, setting, effects)
  return { compiled, setup, run, source, compile: performance.now() - began - source }
}

const sourceOf = (
  { build, request, tree, workspace, inherited, text, signal }: Building,
  { sandbox }: BuildEffects,
): SourceFetch => ({
  build,
  app: request.app,
  tree: tree.path,
  owner: sandbox.user(request.app.id),
  scratch: workspace.scratch,
  quarantine: request.quarantine ?? [],
  environment: inherited,
  text,
  signal,
})

/** Makes what programs of the build find: the folder of config vars, and their environment. */
async function prepareRun(
  building: Building,
  config: Readonly<Record<string, string>>,
  { home, sandbox, runtimes }: BuildEffects,
): Promise<BuildRun> {
  const { build, request, workspace, inherited, text, signal, running } = building
  const { app } = request
  await writeEnvironmentFolder(workspace, config, sandbox.user(app.id))
  const node = seenRuntime({ sandbox, workspace }, home, await runtimes.node())
  const own = buildEnvironment({ ...build, stack: app.stack }, node, building)
  const environment = { ...inherited, ...own }
  return { appId: app.id, workspace, environment, text, sandbox, signal, running }
}

async function compileTree(
  run: BuildRun,
  request: BuildRequest,
  chosen: readonly (string | null)[],
  { home, sandbox, runtimes }: BuildEffects,
): Promise<Compiled> {
  run.text.topic(`Building on the ${stackTitle(request.app.stack)} stack`)
  return await runBuildpacks(run, {
    chosen,
    installed: await runtimes.buildpacks(),
    owner: sandbox.user(run.appId),
    home,
    frameworkRuntime: runtimes.framework,
    isTest: request.isTest === true,
  })
}

/** The app's config vars as they are now. */
export function configOf(
  { app, isTest }: BuildRequest,
  { store, addons }: BuildEffects,
): Record<string, string> {
  const config = renderConfig(store.configVars.list(app.id), addons.endpoints())
  return isTest === true ? { CI: 'true', ...config } : config
}

/** This build's own list, else `BUILDPACK_URL`, what the app's owner has chosen, or `app.json`. */
function chosenBuildpacks(
  request: BuildRequest,
  config: Readonly<Record<string, string>>,
  setup: Setup,
  store: Store,
): readonly string[] {
  if (request.buildpacks !== undefined && request.buildpacks.length > 0) return request.buildpacks
  const variable = config['BUILDPACK_URL']
  if (variable !== undefined && variable !== '') return [variable]
  const owned = store.buildpackInstallations.list(request.app.id).map((one) => one.url)
  return owned.length > 0 ? owned : setup.buildpacks
}

async function describeCommit(
  { build: { source }, request }: Building,
  { home }: BuildEffects,
): Promise<string | null> {
  if (source.kind !== 'commit') return null
  const repository = repositoryOf(home, request.app.id)
  return commitSubject({ repository, sha: source.sha, quarantine: request.quarantine ?? [] })
}

/** `heroku-24` → `Heroku-24`. */
const stackTitle = (stack: string): string => stack.charAt(0).toUpperCase() + stack.slice(1)
