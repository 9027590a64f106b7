import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { INSTALL_SCRIPTS, type PackageJson } from './package-json.ts'
import { packageManagerOf, type PackageManager } from './package-managers.ts'
import { Rejected } from '#buildpack/compile'
import { say, step } from '#buildpack/print'
import { copyFolder, run } from '#buildpack/run'

export type Installing = Readonly<{
  tree: string
  cache: string
  env: NodeJS.ProcessEnv
  nodeVersion: string
}>

/**
 * Installs what package.json asks for, builds, and prunes what only the build needed. When nothing
 * that decides about the installation has changed, the cached result is taken and nothing runs.
 */
export function installDependencies(json: PackageJson, at: Installing): void {
  const manager = packageManagerOf(json, at)
  const buildScript = BUILD_SCRIPTS.find((name) => json.scripts[name] !== undefined)
  runScript('heroku-prebuild', json, manager, at)
  step('Installing dependencies')
  const key = keyOf(json, manager, at)
  const installs = INSTALL_SCRIPTS.some((name) => json.scripts[name] !== undefined)
  const cacheable = !installs && !at.env['NODE_MODULES_CACHE']?.match(/^false$/)
  if (!json.hasDependencies && !installs)
    say('Nothing to install: package.json has no dependencies')
  else if (buildScript === undefined && cacheable && restore('pruned', key, at)) {
    say(`Unchanged since the last build (${manager.lockfile ?? 'package.json'})`)
    runScript('heroku-cleanup', json, manager, at)
    return
  } else install(manager, key, cacheable, at)
  if (buildScript !== undefined) runScript(buildScript, json, manager, at, 'Build')
  if (json.hasDependencies) prune(manager, at)
  runScript('heroku-cleanup', json, manager, at)
  if (cacheable && buildScript === undefined) keep('pruned', key, at)
}

/** The first of these that an app has is its build. */
const BUILD_SCRIPTS = ['heroku-postbuild', 'build']

function install(manager: PackageManager, key: string, cacheable: boolean, at: Installing): void {
  if (existsSync(join(at.tree, 'node_modules'))) {
    say('node_modules is checked into the repository: it is installed anew')
    rmSync(join(at.tree, 'node_modules'), { recursive: true, force: true })
  }
  if (cacheable && restore('full', key, at)) {
    say(`Unchanged since the last build (${manager.lockfile ?? 'package.json'})`)
    return
  }
  say(`Installing node modules (${manager.lockfile ?? 'package.json'})`)
  if (!run(manager.install, { cwd: at.tree, env: at.env })) {
    throw new Rejected(`${manager.name} could not install the dependencies; its message is above.`)
  }
  keep('full', key, at)
}

function prune(manager: PackageManager, at: Installing): void {
  if (!existsSync(join(at.tree, 'node_modules'))) return
  if (at.env['NPM_CONFIG_PRODUCTION'] === 'true' || at.env['YARN_PRODUCTION'] === 'false') return
  if (manager.prune === null) return
  step('Pruning devDependencies')
  if (!run(manager.prune, { cwd: at.tree, env: at.env })) {
    throw new Rejected(`${manager.name} could not prune devDependencies; its message is above.`)
  }
}

function runScript(
  name: string,
  json: PackageJson,
  manager: PackageManager,
  at: Installing,
  title?: string,
): void {
  if (json.scripts[name] === undefined) return
  if (title !== undefined) step(title)
  say(`Running ${name}`)
  if (run(manager.runScript(name), { cwd: at.tree, env: at.env })) return
  throw new Rejected(`The script ${name} of package.json failed; its message is above.`)
}

/** Everything that decides what an installation brings. */
function keyOf(json: PackageJson, manager: PackageManager, at: Installing): string {
  const hash = createHash('sha256')
  const files = [manager.lockfile, '.npmrc', '.yarnrc', '.yarnrc.yml', 'pnpm-workspace.yaml']
  const contents = files.map((file) =>
    file !== null && existsSync(join(at.tree, file))
      ? readFileSync(join(at.tree, file), 'utf8')
      : null,
  )
  const settings = Object.entries(at.env).filter(([name]) =>
    /^(?:npm_config_|NPM_|YARN_|NODE_ENV$)/i.test(name),
  )
  hash.update(JSON.stringify([at.nodeVersion, manager.name, json.installation, contents, settings]))
  return hash.digest('hex')
}

function restore(which: 'full' | 'pruned', key: string, { tree, cache }: Installing): boolean {
  const folder = join(cache, `modules-${which}`)
  if (!existsSync(join(folder, 'key')) || readFileSync(join(folder, 'key'), 'utf8') !== key)
    return false
  copyFolder(join(folder, 'node_modules'), join(tree, 'node_modules'))
  return true
}

function keep(which: 'full' | 'pruned', key: string, { tree, cache }: Installing): void {
  const folder = join(cache, `modules-${which}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  copyFolder(join(tree, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'key'), key)
}
