import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { arch, platform } from 'node:os'
import { join } from 'node:path'
import semver from 'semver'
import { npmFor } from './npm-version.ts'
import { Rejected } from '#buildpack/compile'
import { say, warn } from '#buildpack/print'
import { ask, copyFolder, run } from '#buildpack/run'

export type NodePlaces = Readonly<{
  tree: string
  cache: string
  /** Node and npm of the platform, shared by all apps. */
  shared: string
  env: NodeJS.ProcessEnv
}>

/**
 * Puts Node and npm into `.heroku/node`: a link to the platform's own where that version does,
 * else what `engines` asks for, installed by npm.
 *
 * @returns the version
 */
export function installNode(engines: Readonly<Record<string, string>>, places: NodePlaces): string {
  const range = engines['node']?.trim() ?? ''
  const own = process.versions.node
  say(`engines.node (package.json):  ${range === '' ? 'unspecified' : range}`)
  if (range !== '' && semver.validRange(range) === null) {
    throw new Rejected(`engines.node is not a version range: ${range}`)
  }
  if (engines['iojs'] !== undefined) {
    throw new Rejected(
      'engines.iojs asks for io.js, which became Node in 2015. Ask for Node instead: "engines": { "node": "24.x" }',
    )
  }
  const target = join(places.tree, '.heroku/node')
  mkdirSync(join(places.tree, '.heroku'), { recursive: true })
  rmSync(target, { recursive: true, force: true })
  if (range === '' || semver.satisfies(own, range)) symlinkSync(places.shared, target)
  const version = range === '' || semver.satisfies(own, range) ? own : resolve(range, places)
  if (version !== own) copyFolder(downloaded(version, places), target)
  say(`Using node ${version}`)
  const npm = engines['npm']
  if (npm !== undefined) warnAboutNpm(npm, target, places)
  return version
}

/** The newest version that npm knows for a range; remembered until the range changes. */
function resolve(range: string, { cache, env, tree }: NodePlaces): string {
  const note = join(cache, 'node-version.json')
  const kept = readJson(note) as { range?: string; version?: string } | undefined
  if (kept?.range === range && kept.version !== undefined) return kept.version
  say(`Resolving node version ${range}...`)
  const answer = ask(['npm', 'view', `${binaryPackage()}@${range}`, 'version', '--json'], {
    cwd: tree,
    env,
  })
  const versions = [
    answer === undefined ? [] : (JSON.parse(answer || '[]') as string | string[]),
  ].flat()
  const version = semver.rsort(versions.filter((one) => semver.valid(one) !== null))[0]
  if (version !== undefined && semver.lt(version, OLDEST_NODE)) {
    throw new Rejected(
      `Node ${version} is too old: its npm no longer runs. The oldest Node here is ${OLDEST_NODE}: change engines.node in package.json.`,
    )
  }
  if (version === undefined)
    throw new Rejected(`There is no Node version ${range} for this machine.`)
  writeFileSync(note, JSON.stringify({ range, version }))
  return version
}

/** npm 6 is the oldest npm that installs from today's registry, and this the oldest Node for it. */
const OLDEST_NODE = '6.2.0'

/** A folder in the cache with that Node, and an npm that runs on it. */
function downloaded(version: string, places: NodePlaces): string {
  const folder = join(places.cache, 'node', version)
  if (existsSync(folder)) return folder
  say(`Downloading and installing node ${version}...`)
  const temporary = `${folder}.tmp`
  rmSync(temporary, { recursive: true, force: true })
  mkdirSync(join(temporary, 'lib'), { recursive: true })
  const packages = [`${binaryPackage()}@${version}`, `npm@${npmFor(version)}`]
  const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--engine-strict=false']
  const installed = run(
    ['npm', 'install', '--silent', '--prefix', temporary, ...flags, ...packages],
    {
      cwd: temporary,
      env: places.env,
    },
  )
  if (!installed) throw new Rejected(`Node ${version} could not be downloaded.`)
  arrange(temporary)
  renameSync(temporary, folder)
  return folder
}

/** From npm's layout to `bin/` and `lib/node_modules/npm`. */
function arrange(folder: string): void {
  renameSync(join(folder, 'node_modules', binaryPackage(), 'bin'), join(folder, 'bin'))
  mkdirSync(join(folder, 'lib/node_modules'))
  renameSync(join(folder, 'node_modules/npm'), join(folder, 'lib/node_modules/npm'))
  rmSync(join(folder, 'node_modules'), { recursive: true })
  for (const name of ['npm', 'npx']) {
    rmSync(join(folder, 'bin', name), { force: true })
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(folder, 'bin', name))
  }
}

/** The npm package that holds Node's binary for this machine. */
const binaryPackage = (): string =>
  `node-${platform() === 'darwin' ? 'bin-darwin' : platform()}-${arch()}`.replace(
    'bin-darwin-x64',
    'darwin-x64',
  )

function warnAboutNpm(range: string, node: string, { tree, env }: NodePlaces): void {
  const version = ask([join(node, 'bin/npm'), '--version'], { cwd: tree, env })?.trim()
  if (version === undefined || semver.satisfies(version, range)) return
  warn(`engines.npm asks for ${range}; npm ${version} is used.`)
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
