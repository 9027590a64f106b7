import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Rejected } from '#buildpack/compile'

/** What of a `package.json` counts for a build. */
export type PackageJson = Readonly<{
  engines: Readonly<Record<string, string>>
  scripts: Readonly<Record<string, string>>
  packageManager: string | null
  /** Whether anything is to be installed at all. */
  hasDependencies: boolean
  /** Everything in it that decides what an installation brings. */
  installation: unknown
}>

/** @throws Rejected for a file that is no JSON object */
export function readPackageJson(tree: string): PackageJson {
  const json = parse(readFileSync(join(tree, 'package.json'), 'utf8'))
  const dependencies = DEPENDENCY_FIELDS.map((field) => json[field])
  const scripts = stringsOf(json['scripts'])
  return {
    engines: stringsOf(json['engines']),
    scripts,
    packageManager: typeof json['packageManager'] === 'string' ? json['packageManager'] : null,
    hasDependencies:
      json['workspaces'] !== undefined ||
      dependencies.some((field) => Object.keys(objectOf(field)).length > 0),
    installation: [
      ...dependencies,
      ...INSTALL_FIELDS.map((field) => json[field]),
      ...INSTALL_SCRIPTS.map((script) => scripts[script]),
    ],
  }
}

const DEPENDENCY_FIELDS = ['dependencies', 'devDependencies', 'optionalDependencies']
const INSTALL_FIELDS = [
  'peerDependencies',
  'overrides',
  'resolutions',
  'workspaces',
  'pnpm',
  'name',
]

/** Scripts that npm runs while it installs; they may read any file of the app. */
export const INSTALL_SCRIPTS = [
  'preinstall',
  'install',
  'postinstall',
  'prepublish',
  'preprepare',
  'prepare',
  'postprepare',
]

function parse(text: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return objectOf(json)
  } catch (error) {
    throw new Rejected(`package.json is not valid JSON: ${(error as Error).message}`)
  }
  throw new Rejected('package.json is not a JSON object')
}

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

const stringsOf = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(objectOf(value)).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )
