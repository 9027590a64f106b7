import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * The one folder under which an installation keeps everything: `HOKKU_HOME`, else `~/.hokku`, else
 * for root `/var/lib/hokku`, because other users (dynos, PostgreSQL) cannot pass a 0700 `/root`.
 */
export function hokkuHome(env: NodeJS.ProcessEnv, uid = process.getuid?.()): string {
  if (env['HOKKU_HOME']) return resolve(env['HOKKU_HOME'])
  if (uid === 0) return '/var/lib/hokku'
  return join(env['HOME'] || homedir(), '.hokku')
}
