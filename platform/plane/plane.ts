import { join } from 'node:path'
import {
  bonsaiProvider,
  brokerFolders,
  createBrokerServer,
  createDatabaseServer,
  createObjectStorageServer,
  createSearchServer,
  objectStorageProviders,
  openAddons,
  rabbitmqProvider,
  readExternalBroker,
  readExternalSearch,
  readExternalStorage,
  type Addons,
} from '../addons/index.ts'
import type { Plane, PlaneConfig } from '../api/index.ts'
import { webUrl } from '../api/index.ts'
import { openBuilds } from '../builds/index.ts'
import { openSlugs } from '../slugs/index.ts'
import { openAuthority } from '../certificates/index.ts'
import { openDynos, openLocalEngine, runReleasePhase, type Dynos } from '../dynos/index.ts'
import { openSandbox } from '../sandbox/index.ts'
import { openLogs } from '../logs/index.ts'
import { createReleases } from '../releases/index.ts'
import { openRouterLink } from '../router/index.ts'
import { openStore, type Store } from '../store/index.ts'
import { ensureOwner } from './first-start.ts'
import { keepPostgres } from './keep-postgres.ts'
import { routedApp, routedCertificates } from './routed-apps.ts'

/** hokku's own folder: the frameworks that slugs take in lie below it. */
const ROOT = join(import.meta.dirname, '../..')

export type OpenPlane = Readonly<{
  plane: Plane
  /** What the user should know of this machine, e.g. that apps are not isolated. */
  notices: readonly string[]
  /** Picks up what runs and goes on with what was under way when an earlier plane ended. */
  recover: () => Promise<void>
  /** Lets go of everything; dynos and add-on servers go on. */
  close: () => Promise<void>
}>

/** Opens all rooms of the platform and joins them. Nothing is started before `recover`. */
export async function openPlane(config: PlaneConfig, env: NodeJS.ProcessEnv): Promise<OpenPlane> {
  const { home } = config
  const store = openStore(home)
  ensureOwner(home, store)
  const trusted = [env['NODE_EXTRA_CA_CERTS']].filter((file) => file !== undefined)
  const authority = await openAuthority(home.certificates, { trusted })
  const logs = openLogs({ home, store })
  const link = openRouterLink(join(home.run, 'router.sock'))
  const sandbox = openSandbox({ home, path: env['PATH'] ?? '' })
  sandbox.shareCertificates(authority.bundleFile)
  const slugs = openSlugs({ home, store, sandbox })

  // Rooms that need each other are joined by these two; they are set before anything is asked.
  let knowsDynos = false
  const route = async (): Promise<void> => {
    // Until then the table would say that nothing runs; the router has a better one.
    if (!knowsDynos) return
    sandbox.setHosts(store.apps.list().map((app) => `${app.name}.${config.domain}`))
    await link.publish(routedApps(store, dynos, config.domain))
  }
  const endpoints: Addons['endpoints'] = () => addons.endpoints()

  const dynos: Dynos = await openDynos({
    store,
    home,
    logs,
    engine: openLocalEngine({ home, sandbox, slugs }),
    endpoints,
    route,
    drain: link.drain,
    certificatesFile: sandbox.shared('certificates.pem'),
    port: config.port,
    domain: config.domain,
    ecoIdleMs: config.ecoIdleMs,
    onBug: printBug,
  })
  const releases = createReleases({
    store,
    home,
    logs,
    deploy: dynos.deploy,
    runReleasePhase: (app, release, outputFile) =>
      runReleasePhase(dynos, { app, release, outputFile }),
    route,
    onBug: printBug,
  })
  const databaseServer = createDatabaseServer({
    url: env['HOKKU_POSTGRES_URL'],
    directory: home.postgres,
    tls: () => authority.leafFiles('127.0.0.1'),
  })
  const broker = createBrokerServer({
    home,
    external: readExternalBroker(env),
    folders: brokerFolders(env['PATH'] ?? ''),
  })
  const externalStorage = readExternalStorage(env)
  const objectStorage = createObjectStorageServer({ home, external: externalStorage })
  const addons = openAddons({
    store,
    releases,
    logs,
    home,
    databaseServer,
    providers: [
      ...objectStorageProviders(objectStorage),
      rabbitmqProvider(broker),
      bonsaiProvider(createSearchServer(readExternalSearch(env))),
    ],
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
    releases,
    environment: env,
    version: config.version,
    root: ROOT,
    webUrl: (name) => webUrl({ name }, config),
  })
  const plane = { config, store, releases, builds, slugs, dynos, logs, addons, authority, route }

  // Before the first push can come: it must not be taken for one that a dead plane left behind.
  await builds.recover()

  const closing = new AbortController()
  link.onWake((appId) => void dynos.wake(appId).catch(printBug))
  link.onActivity((appIds) => dynos.sawActivity(appIds))
  return {
    plane,
    notices: [
      ...(sandbox.mode.kind === 'plain' ? [sandbox.mode.notice] : []),
      ...(externalStorage?.notices ?? []),
    ],
    recover: async () => {
      await databaseServer.start().catch(printBug)
      if (env['HOKKU_POSTGRES_URL'] === undefined) {
        void keepPostgres(databaseServer, home.postgres, closing.signal)
      }
      await addons.recover()
      await dynos.adopt()
      knowsDynos = true
      await route()
      await releases.recover()
    },
    close: async () => {
      closing.abort()
      await builds.close()
      await dynos.close()
      await addons.close()
      await logs.close()
      await link.close()
      store.close()
    },
  }
}

const routedApps = (store: Store, dynos: Dynos, domain: string) =>
  store.apps.list().map((app) => {
    const domains = store.domains.list(app.id)
    return routedApp({
      app,
      domain,
      customDomains: domains.map(({ hostname }) => hostname),
      certificates: routedCertificates(domains, store.sniEndpoints.list(app.id)),
      hasSlug: (store.releases.current(app.id)?.slugId ?? null) !== null,
      config: store.configVars.list(app.id),
      dynos: dynos.routed(app.id),
    })
  })

const printBug = (error: unknown): void => console.error('bug:', error)
