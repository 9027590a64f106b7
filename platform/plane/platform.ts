import { join } from 'node:path'
import { endpointsOf, openAddons } from '../addons/index.ts'
import { webUrl, type Plane, type PlaneConfig } from '../api/index.ts'
import { openBuilds } from '../builds/index.ts'
import { openDynos, openLocalEngine, runReleasePhase, type Dynos } from '../dynos/index.ts'
import { createReleases, type Releases } from '../releases/index.ts'
import type { AddonServers } from './addon-servers.ts'
import { openDomainNames } from './domain-names.ts'
import type { Foundation } from './foundation.ts'
import type { Routing } from './routing.ts'

/** hokku's own folder: the frameworks that slugs take in lie below it. */
const ROOT = join(import.meta.dirname, '../..')

export type PlatformOptions = Readonly<{
  config: PlaneConfig
  env: NodeJS.ProcessEnv
  foundation: Foundation
  servers: AddonServers
  routing: Routing
}>

/** Opens what runs apps, each on what was opened before: dynos, releases, add-ons, builds. */
export async function openPlatform(options: PlatformOptions): Promise<Plane> {
  const { config, env, foundation, servers, routing } = options
  const { home } = config
  const { store, logs, slugs, sandbox, authority } = foundation
  const dynos = await openPlaneDynos(options)
  const releases = createPlaneReleases(dynos, options)
  const addons = openAddons({
    store,
    home,
    createRelease: (request) => releases.create(request),
    providers: servers.providers,
    databaseServer: servers.databaseServer,
    redisServers: servers.redisServers,
    searchPath: env['PATH'] ?? '',
    onBug: printBug,
  })
  const builds = openBuilds({
    home,
    store,
    sandbox,
    slugs,
    addons,
    dynos,
    logs,
    releases,
    environment: env,
    version: config.version,
    root: ROOT,
    webUrl: (name) => webUrl({ name }, config),
  })
  const route = () => routing.publish()
  const names = openDomainNames(env['HOKKU_DNS_SERVER'])
  return { config, store, releases, builds, slugs, dynos, logs, addons, authority, names, route }
}

const openPlaneDynos = ({
  config,
  foundation,
  servers,
  routing,
}: PlatformOptions): Promise<Dynos> => {
  const { home } = config
  const { store, logs, sandbox, slugs, link } = foundation
  return openDynos({
    store,
    home,
    logs,
    engine: openLocalEngine({ home, sandbox, slugs }),
    endpoints: () => endpointsOf(servers.providers),
    route: () => routing.publish(),
    drain: link.drain,
    certificatesFile: sandbox.shared('certificates.pem'),
    port: config.port,
    domain: config.domain,
    ecoIdleMs: config.ecoIdleMs,
    onBug: printBug,
  })
}

const createPlaneReleases = (
  dynos: Dynos,
  { config, foundation, routing }: PlatformOptions,
): Releases =>
  createReleases({
    store: foundation.store,
    home: config.home,
    logs: foundation.logs,
    deploy: (app, release) => dynos.deploy(app, release),
    runReleasePhase: (app, release, outputFile) =>
      runReleasePhase(dynos, { app, release, outputFile }),
    route: () => routing.publish(),
    onBug: printBug,
  })

export const printBug = (error: unknown): void => console.error('bug:', error)
