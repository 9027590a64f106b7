import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { keepFolders, restoreFolders } from './kept-folders.ts'
import type { PackageJson } from './package-json.ts'
import { packageManagerOf, type PackageManager } from './package-managers.ts'
import { Rejected } from '#buildpack/compile'
import { say, step } from '#buildpack/print'
import { run } from '#buildpack/run'

export type Installing = Readonly<{
  tree: string
  cache: string
  env: NodeJS.ProcessEnv
}>

/** An installation at work: what runs its programs, and where. */
type Work = Readonly<{ json: PackageJson; manager: PackageManager; at: Installing }>

/**
 * Installs what package.json asks for, builds, and prunes what only the build needed.
 *
 * The package manager runs in every build, from its own cache of packages: only it knows what an
 * installation writes. Workspaces have their own `node_modules`, and install scripts write anywhere.
 *
 * @returns the package manager that ran
 */
export function installDependencies(json: PackageJson, places: Installing): PackageManager {
  step('Installing dependencies')
  const manager = packageManagerOf(json, places)
  const at = { ...places, env: manager.env }
  const work = { json, manager, at }
  runScript('heroku-prebuild', work)
  restoreFolders(json.cacheDirectories, 'before the installation', at)
  install(work)
  restoreFolders(json.cacheDirectories, 'before the build', at)
  const buildScript = BUILD_SCRIPTS.find((name) => json.scripts[name] !== undefined)
  if (buildScript !== undefined) {
    step('Build')
    runScript(buildScript, work)
  }
  keepFolders(json.cacheDirectories, at)
  prune(work)
  runScript('heroku-cleanup', work)
  return manager
}

/** The first of these that an app has is its build. */
const BUILD_SCRIPTS = ['heroku-postbuild', 'build']

function install({ manager, at }: Work): void {
  if (existsSync(join(at.tree, 'node_modules'))) {
    say('node_modules is checked into the repository: it is installed anew')
    rmSync(join(at.tree, 'node_modules'), { recursive: true, force: true })
  }
  say(`Installing node modules (${manager.lockfile ?? 'package.json'})`)
  if (run(manager.install, { cwd: at.tree, env: at.env })) return
  throw new Rejected(`${manager.name} could not install the dependencies; its message is above.`)
}

function prune({ manager, at }: Work): void {
  step('Pruning devDependencies')
  if (typeof manager.prune === 'string') return say(`Skipped: ${manager.prune}`)
  if (run(manager.prune, { cwd: at.tree, env: at.env })) return
  throw new Rejected(`${manager.name} could not prune devDependencies; its message is above.`)
}

function runScript(name: string, { json, manager, at }: Work): void {
  if (json.scripts[name] === undefined) return
  say(`Running ${name}`)
  if (run(manager.runScript(name), { cwd: at.tree, env: at.env })) return
  throw new Rejected(`The script ${name} of package.json failed; its message is above.`)
}
