import { join } from 'node:path'
import type { PlaneConfig } from '../api/index.ts'
import { openAuthority, type Authority } from '../certificates/index.ts'
import { openLogs, type Logs } from '../logs/index.ts'
import { openRouterLink, type RouterLink } from '../router/index.ts'
import { Network, openSandbox, type Sandbox } from '../sandbox/index.ts'
import { openSlugs, type SlugStore } from '../slugs/index.ts'
import { openStore, type Store } from '../store/index.ts'
import { readNetworkConfig } from './config.ts'
import { ensureOwner } from './first-start.ts'

/** What everything that runs apps stands on. */
export type Foundation = Readonly<{
  store: Store
  authority: Authority
  logs: Logs
  link: RouterLink
  network: Network
  sandbox: Sandbox
  slugs: SlugStore
}>

export async function openFoundation(
  { home }: Pick<PlaneConfig, 'home'>,
  env: NodeJS.ProcessEnv,
): Promise<Foundation> {
  const store = openStore(home)
  ensureOwner(home, store)
  const trusted = [env['NODE_EXTRA_CA_CERTS']].filter((file) => file !== undefined)
  const authority = await openAuthority(home.certificates, { trusted })
  const logs = openLogs({ home, store })
  const link = openRouterLink(join(home.run, 'router.sock'))
  const { wanted } = readNetworkConfig(env)
  const network = new Network({ root: home.root, wanted })
  const sandbox = openSandbox({ home, path: env['PATH'] ?? '', network })
  sandbox.shareCertificates(authority.bundleFile)
  const slugs = openSlugs({ home, store, sandbox })
  return { store, authority, logs, link, network, sandbox, slugs }
}
