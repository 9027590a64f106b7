import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopEmbedded } from '@hokku/postgres'
import { pathParam } from '@hokku/kit/request-params'
import {
  addonAttachmentRoutes,
  addonRoutes,
  appRoutes,
  accountRoutes,
  configVarRoutes,
  createApi,
  createApp,
  databaseCredentialRoutes,
  databaseRoutes,
  releaseRoutes,
  transferRoutes,
  type Plane,
  type Routes,
} from '../api/index.ts'
import { openAuthority } from '../certificates/index.ts'
import { createReleases } from '../releases/index.ts'
import { homeAt, openStore, type App } from '../store/index.ts'
import {
  createDatabaseServer,
  openAddons,
  postgresProvider,
  type Addons,
  type AddonsEffects,
  type Provider,
} from './index.ts'

export type TestPlaneOptions = Partial<Pick<AddonsEffects, 'clock' | 'toolFolders' | 'waitMs'>> &
  Readonly<{
    postgresUrl?: string
    /** Besides heroku-postgresql. */
    providers?: readonly Provider[]
  }>

/**
 * For tests: the API with real add-ons, releases and state in its own folder, and nothing that
 * runs apps. PostgreSQL is a real one, started on demand and shared by all who open one folder.
 */
export function openTestPlane(options: TestPlaneOptions = {}) {
  const root = mkdtempSync(join(tmpdir(), 'hokku-addons-'))
  chmodSync(root, 0o755)
  return planeAt(root, options)
}

/** `pg:promote` looks whether there is a release phase to wait for. */
const formationStandIn: Routes = (api, { store }) => {
  api.get('/apps/:app/formation', (request) => {
    const app = pathParam(request, 'app')
    return store.formations.list(store.apps.find(app)?.id ?? '')
  })
}

/** A control plane on the state that another one left, as after a restart. */
export function planeAt(root: string, options: TestPlaneOptions = {}) {
  const home = homeAt(root)
  const store = openStore(home, options.clock)
  const bugs: unknown[] = []
  const deployed: string[] = []
  const logs = { write: () => {} }
  const releases = createReleases({
    store,
    home,
    logs,
    deploy: async (_app, release) => {
      deployed.push(release.id)
      return { status: 'running' }
    },
    runReleasePhase: async () => {
      throw new Error('nothing runs here')
    },
    route: async () => {},
    onBug: (error) => bugs.push(error),
  })
  const { postgresUrl: url, providers = [], ...rest } = options
  const databaseServer = createDatabaseServer({
    url,
    directory: home.postgres,
    tls: async () => (await openAuthority(home.certificates)).leafFiles('127.0.0.1'),
  })
  const addons: Addons = openAddons({
    ...rest,
    store,
    createRelease: (request) => releases.create(request),
    home,
    providers: [postgresProvider(databaseServer), ...providers],
    databaseServer,
    searchPath: process.env['PATH'] ?? '',
    onBug: (error) => bugs.push(error),
  })
  const account =
    store.accounts.find('owner@example.com') ?? store.accounts.create('owner@example.com')
  const { token } = store.accounts.authorize(account.id, 'test')
  const config = { port: 80, domain: 'localhost', url: 'http://localhost' }
  const parts = { config, store, releases, addons, logs, route: async () => {} }
  // The parts that run apps are missing on purpose: a route that needs one fails loudly.
  const plane = parts as unknown as Plane
  const api = createApi(plane, [
    accountRoutes,
    appRoutes,
    configVarRoutes,
    releaseRoutes,
    addonRoutes,
    addonAttachmentRoutes,
    databaseRoutes,
    databaseCredentialRoutes,
    transferRoutes,
    formationStandIn,
  ])

  return {
    root,
    home,
    store,
    releases,
    addons,
    api,
    token,
    account,
    bugs,
    deployed,
    newApp: (name: string): App => createApp(plane, account.id, name),
    config: async (app: string) => {
      const answer = await api.inject({
        url: `/apps/${app}/config-vars`,
        headers: { authorization: `Bearer ${token}` },
      })
      return answer.json<Record<string, string>>()
    },
    /** Lets go of everything; the folder and its server stay. */
    close: async () => {
      await api.close()
      await addons.close()
      store.close()
    },
    remove: async () => {
      await stopEmbedded({ directory: home.postgres })
      rmSync(root, { recursive: true, force: true })
    },
  }
}
