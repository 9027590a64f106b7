import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { PackageJson } from './package-json.ts'
import { Rejected } from '#buildpack/compile'
import { installTool } from './tools.ts'

export type PackageManager = Readonly<{
  name: 'npm' | 'yarn' | 'pnpm'
  /** The lock file that was found, for messages and the cache key. */
  lockfile: string | null
  install: readonly string[]
  /** Null where pruning means another full installation that brings nothing. */
  prune: readonly string[] | null
  runScript: (name: string) => readonly string[]
}>

const LOCKFILES = {
  'package-lock.json': 'npm',
  'npm-shrinkwrap.json': 'npm',
  'yarn.lock': 'yarn',
  'pnpm-lock.yaml': 'pnpm',
} as const

/**
 * The package manager whose lock file is there; npm if none is. Yarn and pnpm are installed.
 *
 * @throws Rejected for lock files of several, of which only one can be right
 */
export function packageManagerOf(
  json: PackageJson,
  at: Readonly<{ tree: string; cache: string; env: NodeJS.ProcessEnv }>,
): PackageManager {
  const found = Object.entries(LOCKFILES).filter(([file]) => existsSync(join(at.tree, file)))
  const names = new Set(found.map(([, name]) => name))
  if (names.size > 1) {
    const files = found.map(([file]) => file).join(' and ')
    throw new Rejected(`Several lock files found: ${files}. Remove all but one and push again.`)
  }
  const [lockfile = null, name = 'npm'] = found[0] ?? []
  if (name === 'yarn') return yarn(installTool('yarn', json, at), lockfile)
  if (name === 'pnpm') return pnpm(installTool('pnpm', json, at), lockfile)
  return {
    name: 'npm',
    lockfile,
    install: ['npm', lockfile === null ? 'install' : 'ci', '--include=dev', '--no-progress'],
    prune: ['npm', 'prune', '--omit=dev', '--no-progress'],
    runScript: (script) => ['npm', 'run', script],
  }
}

function yarn(version: string, lockfile: string | null): PackageManager {
  const runScript = (script: string): string[] => ['yarn', 'run', script]
  if (!version.startsWith('1.')) {
    return {
      name: 'yarn',
      lockfile,
      install: ['yarn', 'install', '--immutable'],
      prune: ['yarn', 'workspaces', 'focus', '--all', '--production'],
      runScript,
    }
  }
  const flags = ['--frozen-lockfile', '--ignore-engines', '--non-interactive']
  return {
    name: 'yarn',
    lockfile,
    install: ['yarn', 'install', ...flags, '--production=false'],
    prune: [
      'yarn',
      'install',
      ...flags,
      '--production=true',
      '--ignore-scripts',
      '--prefer-offline',
    ],
    runScript,
  }
}

const pnpm = (_version: string, lockfile: string | null): PackageManager => ({
  name: 'pnpm',
  lockfile,
  install: ['pnpm', 'install', '--frozen-lockfile', '--prod=false'],
  prune: ['pnpm', 'prune', '--prod', '--ignore-scripts'],
  runScript: (script) => ['pnpm', 'run', script],
})
