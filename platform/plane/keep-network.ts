import { endpointsOf } from '../addons/index.ts'
import type { PlaneConfig } from '../api/index.ts'
import { inheritedEnvironment } from '../builds/index.ts'
import type { AddonServers } from './addon-servers.ts'
import { readNetworkConfig } from './config.ts'
import type { Foundation } from './foundation.ts'
import { localPorts, readNetworkPolicy } from './network-policy.ts'

/** Keeps the rules of the network as store and add-on servers are. @returns what ends that */
export function keepNetwork(
  { store, sandbox, network }: Foundation,
  given: Readonly<{
    config: Pick<PlaneConfig, 'port'>
    servers: Pick<AddonServers, 'providers'>
    env: NodeJS.ProcessEnv
  }>,
): () => void {
  const { config, servers, env } = given
  const shared = [
    config.port,
    ...readNetworkConfig(env).openPorts,
    ...localPorts(Object.values(inheritedEnvironment(env))),
  ]
  network.follow(() =>
    readNetworkPolicy({ store, sandbox, endpoints: endpointsOf(servers.providers), shared }),
  )
  const timer = setInterval(() => {
    try {
      network.restore()
    } catch (error) {
      console.error('bug:', error)
    }
  }, RESTORE_MS).unref()
  return () => clearInterval(timer)
}

/** Another program of the machine may empty the packet filter, e.g. when a firewall is reloaded. */
const RESTORE_MS = 30_000
