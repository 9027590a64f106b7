import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { problem } from '../problems.ts'

const run = promisify(execFile)

/** The system user that PostgreSQL runs as. */
export type Account = Readonly<{ uid: number; gid: number }>

/** PostgreSQL refuses to run as root, so for root it gets its own user, made when missing. */
const ACCOUNT_NAME = 'hokku-postgres'

/**
 * The user that PostgreSQL's programs run as, made when it is missing.
 *
 * @returns undefined when we are an ordinary user: they then run as ourselves
 */
export async function serverAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const existing = await lookUp()
  if (existing) return existing
  await run(
    'useradd',
    ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', ACCOUNT_NAME],
    {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    },
  ).catch(() => {})
  const created = await lookUp()
  if (created) return created
  throw problem('postgres_unavailable', `The system user ${ACCOUNT_NAME} could not be made.`, {
    hint: `PostgreSQL does not run as root. Create the user (useradd --system ${ACCOUNT_NAME}), or run as an ordinary user.`,
  })
}

async function lookUp(): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all([
      run('id', ['-u', ACCOUNT_NAME]),
      run('id', ['-g', ACCOUNT_NAME]),
    ])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    return undefined
  }
}

/** Fails early, and with the reason, when the server's user could not even enter its folder. */
export async function requireReachable(directory: string): Promise<void> {
  for (let path = dirname(directory); path !== dirname(path); path = dirname(path)) {
    const { mode } = await stat(path)
    if ((mode & 0o001) !== 0) continue
    throw problem(
      'postgres_directory_invalid',
      `PostgreSQL's user ${ACCOUNT_NAME} cannot reach ${directory}: ${path} is closed to others.`,
      { hint: 'Set HOKKU_HOME to a folder outside it, for example /var/lib/hokku.' },
    )
  }
}
