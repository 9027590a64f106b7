import { isIP } from 'node:net'
import { join } from 'node:path'
import { hokkuHome } from '@hokku/kit/home'
import { homeAt } from '../store/index.ts'

export type RouterConfig = Readonly<{
  port: number
  /** Address to listen on; null for all of them. */
  bind: string | null
  domain: string
  certificates: string
  /** The router's last table. */
  table: string
  logs: string
  /** Unix sockets of ours and of the control plane. */
  control: string
  plane: string
  rendezvous: string
}>

/**
 * Reads `HOKKU_HOME`, `HOKKU_PORT`, `HOKKU_BIND` and `HOKKU_DOMAIN`. Without its own domain a
 * platform is for this machine only (ruling 11).
 *
 * @throws Error that names the variable that is wrong
 */
export function readRouterConfig(env: NodeJS.ProcessEnv): RouterConfig {
  const home = homeAt(hokkuHome(env))
  const domain = (env['HOKKU_DOMAIN'] || 'localhost').toLowerCase()
  const bind = env['HOKKU_BIND'] || (domain === 'localhost' ? '127.0.0.1' : null)
  const port = Number(env['HOKKU_PORT'] || 8080)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`HOKKU_PORT is "${env['HOKKU_PORT']}"; it must be a number from 0 to 65535.`)
  }
  if (bind !== null && isIP(bind) === 0) {
    throw new Error(`HOKKU_BIND is "${bind}"; it must be an IP address, e.g. 0.0.0.0.`)
  }
  return {
    port,
    bind,
    domain,
    certificates: home.certificates,
    table: join(home.run, 'router-table.json'),
    logs: join(home.logs, 'router'),
    control: join(home.run, 'router.sock'),
    plane: join(home.run, 'plane.sock'),
    rendezvous: join(home.run, 'rendezvous.sock'),
  }
}
