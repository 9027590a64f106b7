import type { PackageJson } from './package-json.ts'
import { Rejected } from '#buildpack/compile'

/** Which package manager an app is written for, and how that shows. */
export type ManagerChoice = Readonly<{
  name: 'npm' | 'yarn' | 'pnpm' | 'bun'
  /** Version that the app asks for, e.g. `4.1.0` or `10.x`; npm comes with Node. */
  range: string
  /** The lock file; null when the app has none. */
  lockfile: string | null
  /** Yarn from version 2 on. */
  isBerry: boolean
}>

const LOCKFILES: Readonly<Record<string, ManagerChoice['name']>> = {
  'package-lock.json': 'npm',
  'npm-shrinkwrap.json': 'npm',
  'yarn.lock': 'yarn',
  'pnpm-lock.yaml': 'pnpm',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
}

/** Files that only one package manager reads: they decide when there is no lock file. */
const SETTINGS: Readonly<Record<string, ManagerChoice['name']>> = {
  'pnpm-workspace.yaml': 'pnpm',
  '.yarnrc.yml': 'yarn',
  'bunfig.toml': 'bun',
}

/** What is taken where the app asks for no version. */
const DEFAULT_RANGE = { npm: '', yarn: '1.x', pnpm: '10.x', bun: '1.x' } as const

/**
 * The package manager whose lock file is there; else the one of `packageManager`, or of a file
 * that only it reads; else npm.
 *
 * @param textOf content of a file of the app; undefined if it is not there
 * @throws Rejected for lock files of several, of which only one can be right
 */
export function chooseManager(
  json: Pick<PackageJson, 'packageManager' | 'engines'>,
  textOf: (name: string) => string | undefined,
): ManagerChoice {
  const present = (names: Readonly<Record<string, ManagerChoice['name']>>) =>
    Object.entries(names).filter(([file]) => textOf(file) !== undefined)
  const locks = present(LOCKFILES)
  if (new Set(locks.map(([, name]) => name)).size > 1) {
    const files = locks.map(([file]) => file).join(' and ')
    throw new Rejected(`Several lock files found: ${files}. Remove all but one and push again.`)
  }
  const [lockfile = null, locked] = locks[0] ?? []
  const pinned = /^(npm|yarn|pnpm|bun)@(\d[\w.-]*)/.exec(json.packageManager ?? '')
  const name = locked ?? nameOf(pinned?.[1]) ?? present(SETTINGS)[0]?.[1] ?? 'npm'
  if (lockfile === null) refuseSeveral(json)
  const asked = pinned?.[1] === name ? pinned[2] : json.engines[name]
  const range = asked ?? (name === 'yarn' ? yarnRange(textOf) : DEFAULT_RANGE[name])
  return { name, lockfile, range, isBerry: name === 'yarn' && !/^[\^~v=]*1(?:\.|$)/.test(range) }
}

/** Without a lock file `engines` has to leave no doubt, as on Heroku. */
function refuseSeveral({
  engines,
  packageManager,
}: Pick<PackageJson, 'packageManager' | 'engines'>) {
  const named = ['npm', 'yarn', 'pnpm', 'bun'].filter((name) => engines[name] !== undefined)
  if (named.length < 2 || (packageManager === null && named.length === 2 && named[0] === 'npm'))
    return
  throw new Rejected(
    `package.json asks for several package managers in "engines": ${named.join(', ')}. Keep one, and commit its lock file.`,
  )
}

const nameOf = (text: string | undefined): ManagerChoice['name'] | undefined =>
  text === 'npm' || text === 'yarn' || text === 'pnpm' || text === 'bun' ? text : undefined

/** `__metadata` of a lock file, or settings that only Berry reads, set Yarn 1 apart from later ones. */
function yarnRange(textOf: (name: string) => string | undefined): string {
  const metadata = /^__metadata:\s+version: (\d+)/m.exec(textOf('yarn.lock') ?? '')?.[1]
  if (metadata !== undefined) return LOCK_VERSIONS[Number(metadata)] ?? '4.x'
  return textOf('.yarnrc.yml') === undefined ? DEFAULT_RANGE.yarn : '4.x'
}

/** The newest Yarn that writes each version of the lock file: a newer one would change the file. */
const LOCK_VERSIONS: Readonly<Record<number, string>> = {
  4: '2.x',
  5: '3.x',
  6: '3.x',
  8: '4.0 - 4.13',
  9: '4.14.x',
}
