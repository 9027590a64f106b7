import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { ensureHerokuCli } from '../platform/cli/heroku/ensure.ts'

/** System programs that tests use, and the Debian package that brings each. */
const PROGRAMS = {
  git: 'git',
  openssl: 'openssl',
  psql: 'postgresql-client',
  bwrap: 'bubblewrap',
  setpriv: 'util-linux',
  chromium: 'chromium',
  nginx: 'nginx-light',
  wrk: 'wrk',
  ip: 'iproute2',
  nft: 'nftables',
  python3: 'python3',
  'rabbitmq-server': 'rabbitmq-server',
  'redis-server': 'redis-server',
} as const

/**
 * Installs missing system programs where that is asked for and possible (Debian or Ubuntu, as
 * root), and the official CLI; otherwise prints the one command that would.
 *
 * @returns the programs that are still missing: tests that need them skip themselves
 */
export async function prepareMachine(options: { install: boolean }): Promise<string[]> {
  const packages = [...new Set(missing().map((program) => PROGRAMS[program]))]
  if (packages.length > 0 && options.install) {
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit' })
    spawnSync('apt-get', ['install', '-y', '-qq', ...packages], { stdio: 'inherit' })
  } else if (packages.length > 0) {
    console.log(`Some tests will be skipped. This brings what they need:`)
    console.log(`  sudo apt-get install ${packages.join(' ')}\n`)
  }
  if (options.install) await officialCli()
  return missing()
}

const missing = (): (keyof typeof PROGRAMS)[] =>
  (Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[]).filter((program) => !hasProgram(program))

/** Whether `program` can be found on PATH or in the system folders that PATH may lack. */
export function hasProgram(program: string): boolean {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`
  return spawnSync('which', [program], { env: { PATH: path } }).status === 0
}

/**
 * Folder with the program `heroku`, the official CLI; the first caller installs it. All tests of a
 * checkout share one.
 */
export async function officialCli(): Promise<string> {
  const { folder } = await ensureHerokuCli(SHARED_CLI, process.env)
  return join(folder, 'node_modules/.bin')
}

/** Gives a home that a test will start the official CLI of all tests, in place of its own copy. */
export function shareOfficialCli(home: string): void {
  mkdirSync(SHARED_CLI, { recursive: true })
  mkdirSync(home, { recursive: true, mode: 0o755 })
  symlinkSync(SHARED_CLI, join(home, 'heroku'))
}

const SHARED_CLI = join(import.meta.dirname, '../node_modules/.cache/heroku-cli')
