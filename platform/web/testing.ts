import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import {
  accountRoutes,
  createApi,
  logSessionRoutes,
  logStreamRoutes,
  type Plane,
} from '../api/index.ts'
import type { Dyno } from '../dynos/index.ts'
import { openLogs } from '../logs/index.ts'
import { createReleases } from '../releases/index.ts'
import { homeAt, openStore } from '../store/index.ts'
import { dashboardRoutes } from './index.ts'

export { formToken } from './session.ts'

/**
 * The dashboard over real state, releases and logs, for `api.inject`. Dynos are given instead of run:
 * put them into `dynos`.
 */
export function openDashboard(t: Pick<TestContext, 'after'>) {
  const home = homeAt(mkdtempSync(join(tmpdir(), 'hokku-web-')))
  const store = openStore(home)
  const owner = store.accounts.create('owner@example.com')
  const { token } = store.accounts.authorize(owner.id, 'test')
  const logs = openLogs({ home, store })
  const dynos: Dyno[] = []
  const route = async (): Promise<void> => {}
  const stage = {
    list: (appId: string) => dynos.filter((dyno) => dyno.appId === appId),
    routed: () => ({ state: 'live', instances: [] }),
    deploy: async () => ({ status: 'running' as const }),
  }
  const addons = { endpoints: () => ({ postgres: '127.0.0.1:5433' }) }
  const releases = createReleases({
    store,
    home,
    logs,
    deploy: stage.deploy,
    runReleasePhase: async () => ({ code: 0, signal: null, oom: false }),
    route,
    onBug: console.error,
  })
  const config = { home, port: 80, domain: 'localhost', version: '0', url: '', ecoIdleMs: 1000 }
  const plane = { config, store, logs, releases, dynos: stage, addons, route } as unknown as Plane
  const routes = [accountRoutes, logSessionRoutes, logStreamRoutes, dashboardRoutes]
  const api = createApi(plane, routes)
  t.after(async () => {
    await logs.close()
    api.server.closeAllConnections()
    await api.close()
    store.close()
    rmSync(home.root, { recursive: true, force: true })
  })
  return { api, token, owner, store, logs, dynos, plane }
}

/** The same on its own port. */
export async function startDashboard(t: Pick<TestContext, 'after'>) {
  const dashboard = openDashboard(t)
  await dashboard.api.listen({ port: 0, host: '127.0.0.1' })
  const address = dashboard.api.server.address()
  const url = `http://localhost:${typeof address === 'object' ? address?.port : 0}`
  return { ...dashboard, url }
}
