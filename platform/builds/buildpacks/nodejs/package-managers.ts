import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chooseManager, type ManagerChoice } from './choose-manager.ts'
import type { PackageJson } from './package-json.ts'
import { ask } from '#buildpack/run'
import { say } from '#buildpack/print'
import { installTool } from './tools.ts'

export type Places = Readonly<{ tree: string; cache: string; env: NodeJS.ProcessEnv }>

export type PackageManager = Readonly<{
  name: ManagerChoice['name']
  /** The lock file that was found, for messages. */
  lockfile: string | null
  /** What its programs find in their environment: above all where its packages are cached. */
  env: NodeJS.ProcessEnv
  install: readonly string[]
  /** How it removes devDependencies; a text says why it does not. */
  prune: readonly string[] | string
  runScript: (name: string) => readonly string[]
}>

/** The package manager that an app is written for, installed in the version that it asks for. */
export function packageManagerOf(json: PackageJson, at: Places): PackageManager {
  const textOf = (name: string): string | undefined =>
    existsSync(join(at.tree, name)) ? readFileSync(join(at.tree, name), 'utf8') : undefined
  const choice = chooseManager(json, textOf)
  if (choice.name !== 'npm') installTool(choice, at)
  const make = { npm, yarn: choice.isBerry ? berry : yarn, pnpm, bun }[choice.name]
  const made = make(choice, at)
  return {
    ...made,
    name: choice.name,
    lockfile: choice.lockfile,
    runScript: (script) => [choice.name, 'run', script],
    prune: keepsDevelopment(choice, at.env) ?? made.prune,
  }
}

type Commands = Pick<PackageManager, 'env' | 'install' | 'prune'>

/** The variables by which an app keeps its devDependencies, as Heroku reads them. */
function keepsDevelopment({ name, isBerry }: ManagerChoice, env: NodeJS.ProcessEnv) {
  const mode = env['NODE_ENV']
  if (mode !== 'production') return `NODE_ENV is ${mode}`
  const variables = {
    npm: ['NPM_CONFIG_PRODUCTION'],
    yarn: isBerry ? ['YARN2_SKIP_PRUNING'] : ['YARN_PRODUCTION'],
    pnpm: ['PNPM_SKIP_PRUNING'],
    bun: [],
  }[name]
  const set = variables.find((one) => env[one] !== undefined && env[one] !== 'false')
  const off = variables.find((one) => !one.endsWith('PRUNING') && env[one] === 'false')
  return set === undefined && off === undefined ? undefined : `${set ?? off} is set`
}

const npm = ({ lockfile }: ManagerChoice, { env }: Places): Commands => ({
  env,
  install: ['npm', lockfile === null ? 'install' : 'ci', '--include=dev', '--no-progress'],
  prune: ['npm', 'prune', '--omit=dev', '--no-progress'],
})

function yarn({ lockfile }: ManagerChoice, { env, cache }: Places): Commands {
  const flags = ['--ignore-engines', '--non-interactive']
  if (lockfile !== null) flags.unshift('--frozen-lockfile')
  const production = ['--production=true', '--ignore-scripts', '--prefer-offline']
  return {
    env: { YARN_CACHE_FOLDER: join(cache, 'yarn'), ...env },
    install: ['yarn', 'install', ...flags, '--production=false'],
    prune: ['yarn', 'install', ...flags, ...production],
  }
}

/**
 * With Plug'n'Play programs run from the packed packages, so these have to lie in the app; with
 * `node_modules` they stay in the cache. Packages that are checked in are used in either case.
 */
function berry({ lockfile }: ManagerChoice, { tree, cache, env }: Places): Commands {
  const own = { YARN_GLOBAL_FOLDER: join(cache, 'yarn-berry'), YARN_ENABLE_TELEMETRY: '0', ...env }
  const setting = (name: string): string | undefined =>
    ask(['yarn', 'config', 'get', name], { cwd: tree, env: own })?.trim()
  const linker = setting('nodeLinker') ?? 'pnp'
  const inTree = linker === 'pnp' || existsSync(join(tree, '.yarn/cache'))
  const [version = ''] =
    ask(['yarn', '--version'], { cwd: tree, env: own })?.trim().split('.') ?? []
  const canFocus = Number(version) >= 4
  say(`Yarn links packages by ${linker}`)
  return {
    env: { YARN_ENABLE_GLOBAL_CACHE: String(!inTree), YARN_ENABLE_MIRROR: 'true', ...own },
    install: ['yarn', 'install', lockfile === null ? '--no-immutable' : '--immutable'],
    prune: canFocus
      ? ['yarn', 'workspaces', 'focus', '--all', '--production']
      : `Yarn ${version} cannot do it`,
  }
}

/** pnpm keeps its store beside the app unless a setting says where. */
const pnpm = ({ lockfile }: ManagerChoice, { tree, cache, env }: Places): Commands => {
  const store = join(cache, 'pnpm-store')
  const frozen = lockfile === null ? '--no-frozen-lockfile' : '--frozen-lockfile'
  const isWorkspace = existsSync(join(tree, 'pnpm-workspace.yaml'))
  return {
    env: { npm_config_store_dir: store, pnpm_config_store_dir: store, ...env },
    install: ['pnpm', 'install', frozen, '--prod=false'],
    prune: isWorkspace
      ? ['pnpm', 'install', '--prod', frozen, '--ignore-scripts', '--offline']
      : ['pnpm', 'prune', '--prod', '--ignore-scripts'],
  }
}

const bun = ({ lockfile }: ManagerChoice, { cache, env }: Places): Commands => ({
  env: { BUN_INSTALL_CACHE_DIR: join(cache, 'bun'), ...env },
  install: ['bun', 'install', ...(lockfile === null ? [] : ['--frozen-lockfile'])],
  prune: 'Bun cannot do it',
})
