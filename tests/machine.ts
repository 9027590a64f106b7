import { spawnSync } from 'node:child_process'

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
  python3: 'python3',
  'rabbitmq-server': 'rabbitmq-server',
} as const

/**
 * Installs missing system programs where that is asked for and possible (Debian or Ubuntu, as
 * root); otherwise prints the one command that would.
 *
 * @returns the programs that are still missing: tests that need them skip themselves
 */
export function prepareMachine(options: { install: boolean }): string[] {
  const packages = [...new Set(missing().map((program) => PROGRAMS[program]))]
  if (packages.length > 0 && options.install) {
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit' })
    spawnSync('apt-get', ['install', '-y', '-qq', ...packages], { stdio: 'inherit' })
  } else if (packages.length > 0) {
    console.log(`Some tests will be skipped. This brings what they need:`)
    console.log(`  sudo apt-get install ${packages.join(' ')}\n`)
  }
  return missing()
}

const missing = (): (keyof typeof PROGRAMS)[] =>
  (Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[]).filter((program) => !hasProgram(program))

/** Whether `program` can be found on PATH or in the system folders that PATH may lack. */
export function hasProgram(program: string): boolean {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`
  return spawnSync('which', [program], { env: { PATH: path } }).status === 0
}
