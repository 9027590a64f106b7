import type { Sandbox } from '../sandbox/index.ts'
import { commitSubject, repositoryOf } from '../git/index.ts'
import type { Releases } from '../releases/index.ts'
import { removeTree } from '../sandbox/index.ts'
import {
  renderConfig,
  type App,
  type Build,
  type Home,
  type Slug,
  type Store,
} from '../store/index.ts'
import { buildEnvironment, inheritedEnvironment, inheritedMounts } from './compile/environment.ts'
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
import type { BuildLimits } from './limits.ts'
import { processTypesOf } from './process-types.ts'
import type { PushText } from './push-text.ts'
import type { Runtimes } from './runtime/runtimes.ts'
import type { Setup } from './setup/app-json.ts'
import { addBuildpackAddons, setUpApp } from './setup/first-deploy.ts'
import type { KeptTree, NewTree, SlugStore } from '../slugs/index.ts'
import { fetchSource } from './source/fetch-source.ts'
import type { Sources } from './source/sources.ts'

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
 * From source to slug: fetch, set up, detect, compile, pack.
 *
 * @throws Problem `build_rejected`, `slug_too_large`, `disk_full` with what to do
 */
export const runBuild = (at: Building, effects: BuildEffects): Promise<Built> =>
  inTree(at, effects, async (site) => ({
    result: await buildTree(at, site, effects),
    // In plain mode the tree stays: it is what the dynos run from.
    keepsTree: effects.sandbox.mode.kind !== 'isolated',
  }))

/** A tree and a workspace for one build, cleared away when it has ended. */
export async function inTree<Result>(
  at: Building,
  effects: BuildEffects,
  work: (site: Site) => Promise<{ result: Result; keepsTree: boolean }>,
): Promise<Result> {
  const { app } = at
  await checkDisk(effects.home, effects.limits)
  const tree = effects.slugs.newTree(app.id)
  const inherited = inheritedEnvironment(effects.environment)
  const workspace = await makeWorkspace(
    { id: at.build.id, appId: app.id, stack: app.stack },
    tree.path,
    {
      home: effects.home,
      owner: effects.sandbox.user(app.id),
      inherited: inheritedMounts(inherited),
    },
  )
  let isKept = false
  try {
    const { result, keepsTree } = await work({ tree, workspace, inherited })
    isKept = keepsTree
    return result
  } finally {
    await removeWorkspace(workspace)
    if (!isKept) await removeTree(tree.path)
  }
}

export type Site = Readonly<{
  tree: NewTree
  workspace: Workspace
  inherited: Readonly<Record<string, string>>
}>

async function buildTree(at: Building, site: Site, effects: BuildEffects): Promise<Built> {
  const { app, text } = at
  const { tree, workspace } = site
  const { sandbox, slugs } = effects
  const { compiled, setup } = await compileSource(at, site, effects)
  const processTypes = await processTypesOf(tree.path, compiled, text)
  text.topic('Compressing...')
  at.running('packing the slug', null)
  const seen = sandbox.inside(workspace.mounts, SEEN.runtime)
  const kept = await slugs.keep(app.id, tree, compiled.layout, seen)
  checkSlugSize(kept.size, effects.limits)
  text.detail(`Done: ${megabytes(kept.size)}`)
  const commitDescription = await describeCommit(at, effects)
  return { kept, compiled, processTypes, commitDescription, setup }
}

/** What buildpacks have made of the source, with the programs that go on with it. */
export type CompiledSource = Readonly<{ compiled: Compiled; setup: Setup; run: BuildRun }>

/** Fetches the source, sets the app up at its first deploy, and runs the buildpacks. */
export async function compileSource(
  at: Building,
  site: Site,
  effects: BuildEffects,
): Promise<CompiledSource> {
  const { app, build, text, request } = at
  const { tree, workspace } = site
  at.running('fetching the source', null)
  const setting = { app, accountId: build.accountId, text }
  await fetchSource(
    {
      build,
      app,
      tree: tree.path,
      owner: effects.sandbox.user(app.id),
      scratch: workspace.scratch,
      quarantine: request.quarantine ?? [],
      environment: site.inherited,
      text,
      signal: at.signal,
    },
    effects,
  )
  const isTest = request.isTest === true
  const setup = await setUpApp({ ...setting, tree: tree.path, isTest }, effects)
  const { compiled, run } = await compileTree(at, site, effects)
  await addBuildpackAddons(compiled.defaults.addons, setting, effects)
  return { compiled, setup, run }
}

async function compileTree(
  at: Building,
  site: Site,
  effects: BuildEffects,
): Promise<Omit<CompiledSource, 'setup'>> {
  const { app, build, text } = at
  const { home, sandbox, store, runtimes } = effects
  const { workspace } = site
  const owner = sandbox.user(app.id)
  const config = configOf(at, effects)
  await writeEnvironmentFolder(workspace, config, owner)
  const node = seenRuntime({ sandbox, workspace }, home, await runtimes.node())
  const environment = {
    ...site.inherited,
    ...buildEnvironment({ ...build, stack: app.stack }, node),
  }
  const run: BuildRun = { ...at, appId: app.id, workspace, environment, sandbox }
  text.topic(`Building on the ${stackTitle(app.stack)} stack`)
  const compiled = await runBuildpacks(run, {
    chosen: chosenBuildpacks(at, config, store),
    installed: await runtimes.buildpacks(),
    owner,
    home,
    frameworkRuntime: runtimes.framework,
    isTest: at.request.isTest === true,
  })
  return { compiled, run }
}

/** The app's config vars as they are now. */
export function configOf(
  { app, request }: Building,
  effects: BuildEffects,
): Record<string, string> {
  const config = renderConfig(effects.store.configVars.list(app.id), effects.addons.endpoints())
  return request.isTest === true ? { CI: 'true', ...config } : config
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

/** `heroku-24` → `Heroku-24`. */
const stackTitle = (stack: string): string => stack.charAt(0).toUpperCase() + stack.slice(1)
