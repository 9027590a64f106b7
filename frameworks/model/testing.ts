import assert from 'node:assert/strict'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from '@hokku/kit/http'
import { createTestDatabase } from '@hokku/postgres/testing'
import { readConfig } from './config.ts'
import { openStore, type Store } from './store/open-store.ts'
import { readRouting } from './store/routing.ts'
import { createApp } from './http/create-app.ts'
import { monitoringRoutes } from './monitoring/routes.ts'
import { createMetrics } from './service/metrics.ts'
import { createRegistry, loadVersions, type Registry } from './service/registry.ts'

export const FIXTURES = join(import.meta.dirname, 'fixtures')

export type Answer = { status: number; body: Record<string, unknown>; text: string }

/** A service over the document's two models and its own database, without a socket. */
export type Trial = Readonly<{
  app: FastifyInstance
  /** The model's folder; the second model is its version `newer`. */
  folder: string
  store: Store
  registry: Registry
  /** The same service with other settings. */
  appWith: (env: Record<string, string>) => FastifyInstance
  /** A POST; what is not text goes as JSON. */
  send: (path: string, body: unknown, options?: SendOptions) => Promise<Answer>
  get: (path: string) => Promise<Answer>
  stop: () => Promise<void>
}>
export type SendOptions = Readonly<{ on?: FastifyInstance; type?: string; token?: string }>

export async function startTrial(): Promise<Trial> {
  const database = await createTestDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'model-'))
  await cp(join(FIXTURES, 'titanic-seed/2017'), folder, { recursive: true })
  await cp(join(FIXTURES, 'titanic-seed/2020'), join(folder, 'versions/newer'), { recursive: true })
  const store = await openStore(database.url, 4)
  const versions = await loadVersions(folder, assert.fail)
  const registry = createRegistry(versions, await readRouting(store.database))
  const appWith = (env: Record<string, string>): FastifyInstance =>
    createApp({ config: readConfig(env), store, registry, metrics: createMetrics() }, [
      monitoringRoutes,
    ])
  const app = appWith({})
  return {
    app,
    folder,
    store,
    registry,
    appWith,
    send: async (url, body, { on = app, type = 'application/json', token } = {}) => {
      const response = await on.inject({
        method: 'POST',
        url,
        headers: {
          'content-type': type,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      })
      return answerOf(response)
    },
    get: async (url) => answerOf(await app.inject({ url })),
    stop: async () => {
      await store.close()
      await database.drop()
      await rm(folder, { recursive: true })
    },
  }
}

const answerOf = (response: { statusCode: number; body: string }): Answer => ({
  status: response.statusCode,
  body: parse(response.body),
  text: response.body,
})

/** JSON, or nothing: pages and lines are none. */
export function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
