import { execFile } from 'node:child_process'
import { chmod, chown, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { syncDirectory } from '@hokku/kit/disk'
import { problem } from '../problems.ts'
import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'

/** The major version that our binaries can read. */
const MAJOR = '15'

/**
 * Makes sure that `directory/data` holds a database cluster. A new one is made beside it and
 * renamed, so a crash half-way leaves nothing that looks finished.
 *
 * @throws Problem `postgres_directory_invalid` for a folder that is something else or another
 * version's, which we never touch
 */
export async function ensureCluster(
  directory: string,
  password: string,
  binaries: Binaries,
  account: Account | undefined,
): Promise<void> {
  const data = join(directory, 'data')
  if (await holdsCluster(data)) return
  const fresh = join(directory, 'data.new')
  await rm(fresh, { recursive: true, force: true })
  await mkdir(fresh, { mode: 0o700 })
  await give(fresh, account)
  await initialize(fresh, password, binaries, account)
  await rename(fresh, data)
  await syncDirectory(directory)
}

async function holdsCluster(data: string): Promise<boolean> {
  const files = await readdir(data).catch(() => [])
  if (files.length === 0) return false
  const version = (await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => '')).trim()
  if (version === MAJOR) return true
  throw problem(
    'postgres_directory_invalid',
    version === ''
      ? `${data} is not empty and is no PostgreSQL data directory: its PG_VERSION is missing.`
      : `${data} was written by PostgreSQL ${version}; ours is ${MAJOR}.`,
    { hint: 'Restore it from a backup, or move it away to start with an empty server.' },
  )
}

async function initialize(
  data: string,
  password: string,
  binaries: Binaries,
  account: Account | undefined,
): Promise<void> {
  const passwordFile = `${data}.password`
  await rm(passwordFile, { force: true })
  try {
    await writeFile(passwordFile, password, { mode: 0o600 })
    await give(passwordFile, account)
    // ICU orders and folds text the same way on every machine, with any locales installed.
    await promisify(execFile)(
      binaries.initdb,
      [
        `--pgdata=${data}`,
        `--pwfile=${passwordFile}`,
        '--username=postgres',
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=icu',
        '--icu-locale=und',
        '--data-checksums',
      ],
      { ...account, env: SERVER_ENVIRONMENT, timeout: INITDB_TIMEOUT_MS, cwd: '/' },
    )
  } catch (cause) {
    const detail = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : ''
    throw problem('postgres_unavailable', `PostgreSQL could not be set up in ${data}: ${detail}`, {
      cause,
    })
  } finally {
    await rm(passwordFile, { force: true })
  }
}

/** Nothing of ours is inherited: no secret and no `PG*` variable reaches the server. */
export const SERVER_ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/** Takes under a second here; a slow disk may need longer to sync a thousand files. */
const INITDB_TIMEOUT_MS = 120_000

/** Hands our own file to the server's user, where that is someone else. */
export async function give(path: string, account: Account | undefined): Promise<void> {
  if (account) await chown(path, account.uid, account.gid)
}

/** Writes a file that only the server may read. */
export async function writeForServer(
  path: string,
  content: string | Uint8Array,
  account: Account | undefined,
): Promise<void> {
  const temporary = `${path}.new`
  await writeFile(temporary, content, { mode: 0o600 })
  await chmod(temporary, 0o600)
  await give(temporary, account)
  await rename(temporary, path)
}
