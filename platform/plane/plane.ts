import { openScheduler, openWebhooks, type Plane, type PlaneConfig } from '../api/index.ts'
import { removeRules } from '../sandbox/index.ts'
import { openAddonServers, type AddonServers } from './addon-servers.ts'
import { keepNetwork } from './keep-network.ts'
import { openFoundation, type Foundation } from './foundation.ts'
import { openPlatform, printBug } from './platform.ts'
import { Routing } from './routing.ts'

export type OpenPlane = Readonly<{
  plane: Plane
  /** What the user should know of this machine, e.g. that apps are not isolated. */
  notices: readonly string[]
  /** Picks up what runs and continues what was under way when an earlier control plane ended. */
  recover: () => Promise<void>
  /** Takes away the rules that keep apps apart, when the last dyno has ended. */
  openNetwork: () => void
  /** Lets go of everything; dynos and add-on servers keep running. */
  close: () => Promise<void>
}>

/** Opens all parts of the platform and joins them. Nothing is started before `recover`. */
export async function openPlane(config: PlaneConfig, env: NodeJS.ProcessEnv): Promise<OpenPlane> {
  const { home, domain } = config
  const foundation = await openFoundation(config, env)
  const servers = openAddonServers({ home, authority: foundation.authority, env })
  const routing = new Routing({ ...foundation, domain })
  const plane = await openPlatform({ config, env, foundation, servers, routing })
  // Before the first push can come: it must not look like one of a dead control plane.
  await plane.builds.recover()
  followRouter(foundation, plane)
  const closeWebhooks = openWebhooks(plane, printBug)
  let leaveNetwork = (): void => {}
  let closeScheduler = (): void => {}
  return {
    plane,
    notices: noticesOf(foundation, servers),
    recover: async () => {
      await servers.startDatabases()
      await plane.addons.recover()
      leaveNetwork = keepNetwork(foundation, { config, servers, env })
      routing.follow(plane.dynos)
      await plane.dynos.adopt()
      await plane.releases.recover()
      closeScheduler = openScheduler(plane, printBug)
    },
    openNetwork: () => {
      leaveNetwork()
      removeRules(home.root)
    },
    close: async () => {
      leaveNetwork()
      closeWebhooks()
      closeScheduler()
      await plane.builds.close()
      await plane.dynos.close()
      await plane.addons.close()
      await foundation.logs.close()
      await foundation.link.close()
      foundation.store.close()
    },
  }
}

/** Wakes apps that get a request while asleep, and notes which are in use. */
function followRouter({ link }: Foundation, { dynos }: Plane): void {
  link.onWake((appId) => void dynos.wake(appId).catch(printBug))
  link.onActivity((appIds) => dynos.sawActivity(appIds))
}

const noticesOf = ({ sandbox, network }: Foundation, servers: AddonServers): string[] => [
  ...(sandbox.mode.notice === null ? [] : [sandbox.mode.notice]),
  ...(network.mode.kind === 'shared' ? [network.mode.notice] : []),
  ...servers.notices,
]
