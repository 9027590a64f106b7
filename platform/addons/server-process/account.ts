import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { problem } from '../../store/index.ts'

const run = promisify(execFile)

/** The system user that a server runs as. */
export type Account = Readonly<{ uid: number; gid: number }>

/**
 * A system user for a server, made when it is missing, so that a fault in it gives away no other
 * server's files.
 *
 * @returns undefined when we are an ordinary user: the server then runs as ourselves
 */
export async function systemAccount(name: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const existing = await lookUp(name)
  if (existing !== undefined) return existing
  const options = ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', name]
  await run('useradd', options, { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } }).catch(() => {})
  const made = await lookUp(name)
  if (made !== undefined) return made
  throw problem('addon_unavailable', `The system user ${name} could not be made.`, {
    hint: `Run: useradd --system ${name}`,
  })
}

async function lookUp(name: string): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    return undefined
  }
}
