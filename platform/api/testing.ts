import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from '@hokku/kit/http'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { createReleases } from '../releases/index.ts'
import { homeAt, openStore, problem, type Account, type Store } from '../store/index.ts'
import { createApi, type Routes } from './api.ts'
import type { Plane } from './plane.ts'

export type TestApi = Readonly<{
  store: Store
  plane: Plane
  owner: Account & { token: string }
  /** A request as the CLI makes it; `token: null` sends none. */
  call: (
    method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    url: string,
    options?: { body?: object | undefined; token?: string | null; range?: string },
  ) => Promise<{ status: number; body: unknown; headers: Record<string, unknown> }>
  /** Any request. */
  inject: (request: InjectOptions) => Promise<LightMyRequestResponse>
  close: () => void
}>

/**
 * The API over a real store and real releases, in its own folder. Rooms that need a machine
 * (dynos, builds, the router) are still: they take every call and do nothing.
 */
export function openTestApi(
  routes: readonly Routes[],
  overrides: Partial<Plane> | ((still: Plane) => Partial<Plane>) = {},
): TestApi {
  const folder = mkdtempSync(join(tmpdir(), 'hokku-api-'))
  const home = homeAt(folder)
  const store = openStore(home)
  const owner = store.accounts.create('owner@example.com', 'owner')
  const { token } = store.accounts.authorize(owner.id, 'test')
  const still = stillPlane(store, folder)
  const plane = { ...still, ...(typeof overrides === 'function' ? overrides(still) : overrides) }
  const api = createApi(plane, routes)
  return {
    store,
    plane,
    owner: { ...owner, token },
    inject: async (request) => await api.inject(request),
    call: async (method, url, options = {}) => await call(api, token, method, url, options),
    close: () => {
      store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function call(
  api: FastifyInstance,
  ownToken: string,
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  url: string,
  options: { body?: object | undefined; token?: string | null; range?: string },
) {
  const token = options.token === undefined ? ownToken : options.token
  const response = await api.inject({
    method,
    url,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(options.range !== undefined && { range: options.range }),
    },
    ...(options.body !== undefined && { payload: options.body }),
  })
  const isJson = String(response.headers['content-type']).includes('json')
  const body: unknown = isJson ? response.json() : response.body
  return { status: response.statusCode, body, headers: response.headers }
}

const noSource = async () => {
  throw problem('not_found', 'There is no such source.')
}

function stillPlane(store: Store, folder: string): Plane {
  const still = async (): Promise<void> => {}
  const dynos = {
    deploy: async () => ({ status: 'running' as const }),
    list: () => [],
    remove: still,
    stopAll: still,
  }
  const postgres = { transfers: {}, schedules: {}, credentials: {} }
  const catalogue = { providers: [] }
  const addons = { endpoints: () => ({}), remove: still, postgres, catalogue }
  const logs = { write: () => {}, remove: still }
  const releases = createReleases({
    store,
    home: homeAt(folder),
    logs,
    deploy: dynos.deploy,
    runReleasePhase: async () => ({ code: 0, signal: null, oom: false }),
    route: still,
    onBug: (error) => console.error(error),
  })
  const config = {
    version: '0',
    home: homeAt(folder),
    port: 8080,
    domain: 'localhost',
    url: 'http://localhost:8080',
    ecoIdleMs: 1000,
  }
  const builds = { remove: still, builtIns: [], list: () => [], sources: { receive: noSource } }
  const slugs = {}
  const names = { txt: async () => [], cname: async () => [] }
  return {
    config,
    store,
    releases,
    dynos,
    addons,
    logs,
    builds,
    slugs,
    names,
    route: still,
  } as unknown as Plane
}
