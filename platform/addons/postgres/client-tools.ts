import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { problem } from '../../store/index.ts'

export type ClientTools = Readonly<{ major: number; pgDump: string; pgRestore: string }>

/**
 * `pg_dump` and `pg_restore` of the newest version in any of the folders; a version older than the
 * server's refuses to dump it.
 *
 * @throws Problem `addon_unavailable` that says what to install
 */
export async function findClientTools(
  folders: readonly string[],
  serverMajor: number,
): Promise<ClientTools> {
  const found = await Promise.all([...new Set(folders)].map(toolsIn))
  const best = found
    .filter((tools) => tools !== undefined)
    .toSorted((a, b) => b.major - a.major)
    .at(0)
  if (best !== undefined && best.major >= serverMajor) return best
  const present = best === undefined ? 'none was found' : `the newest found is ${best.major}`
  throw problem(
    'addon_unavailable',
    `Backups need pg_dump and pg_restore of PostgreSQL ${serverMajor} or newer; ${present}.`,
    { hint: 'Install them, e.g.: apt-get install postgresql-client' },
  )
}

/**
 * Where client programs may be: the folders of a PATH and those that it usually lacks. Debian keeps
 * each version in its own folder; Homebrew keeps its client out of PATH.
 */
export async function clientToolFolders(searchPath: string): Promise<string[]> {
  const debian = '/usr/lib/postgresql'
  const versions = await readdir(debian).catch(() => [])
  return [
    ...searchPath.split(delimiter).filter(Boolean),
    ...versions.map((version) => join(debian, version, 'bin')),
    '/usr/bin',
    '/opt/homebrew/opt/libpq/bin',
    '/usr/local/opt/libpq/bin',
  ]
}

async function toolsIn(folder: string): Promise<ClientTools | undefined> {
  const [pgDump, pgRestore] = [join(folder, 'pg_dump'), join(folder, 'pg_restore')]
  try {
    const majors = await Promise.all([pgDump, pgRestore].map(majorOf))
    return { major: Math.min(...majors), pgDump, pgRestore }
  } catch {
    return undefined
  }
}

async function majorOf(program: string): Promise<number> {
  const { stdout } = await promisify(execFile)(program, ['--version'], { timeout: 10_000 })
  return parseMajor(stdout)
}

/** @throws TypeError for text that is not like `pg_dump (PostgreSQL) 15.18 (Debian 15.18-0)` */
export function parseMajor(version: string): number {
  const match = /\(PostgreSQL\) (\d+)/.exec(version)
  if (match === null) throw new TypeError('not a program of PostgreSQL')
  return Number(match[1])
}
