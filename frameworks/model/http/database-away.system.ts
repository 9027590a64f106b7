import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startEmbedded, stopEmbedded, type EmbeddedServer } from '@hokku/postgres'
import type { FastifyInstance } from '@hokku/kit/http'
import { readConfig } from '../config.ts'
import { openStore, type Store } from '../store/open-store.ts'
import { readRouting } from '../store/routing.ts'
import { createApp } from './create-app.ts'
import { monitoringRoutes } from '../monitoring/routes.ts'
import { createMetrics } from '../service/metrics.ts'
import { createRegistry, loadVersions } from '../service/registry.ts'
import { PASSENGER } from '../fixtures/passenger.ts'
import { FIXTURES } from '../testing.ts'

const MODEL = join(FIXTURES, 'titanic-seed/2017')

let directory: string
let database: EmbeddedServer
let store: Store
let app: FastifyInstance

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'model-away-'))
  database = await startEmbedded({ directory })
  store = await openStore(database.adminUrl, 4)
  const registry = createRegistry(
    await loadVersions(MODEL, assert.fail),
    await readRouting(store.database),
  )
  app = createApp({ config: readConfig({}), store, registry, metrics: createMetrics() }, [
    monitoringRoutes,
  ])
  process.kill(await postmasterPid(), 'SIGKILL')
})

after(async () => {
  await store.close()
  await stopEmbedded({ directory })
  await rm(directory, { recursive: true, force: true })
})

async function postmasterPid(): Promise<number> {
  const text = await readFile(join(directory, 'data/postmaster.pid'), 'utf8')
  return Number(text.split('\n')[0])
}

const post = (url: string, body: unknown) =>
  app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

test('without a database an observation alone is answered, and what would be stored is put off', async () => {
  const bare = await post('/predict', PASSENGER)
  const answers = [
    await post('/predict', { id: 1, observation: PASSENGER }),
    await post('/predict', [{ id: 1, observation: PASSENGER }]),
    await post('/update', { id: 1, true_class: 1 }),
    await app.inject({ url: '/list-db-contents' }),
    await app.inject({ url: '/export.csv' }),
    await app.inject({ url: '/monitoring/data' }),
    await app.inject({ url: '/readyz' }),
  ]

  assert.equal(bare.statusCode, 200)
  assert.deepEqual(
    answers.filter(({ statusCode }) => statusCode !== 503).map(({ body }) => body),
    [],
  )
  for (const answer of answers.slice(0, -1)) {
    assert.match(answer.body, /"code":"database_unavailable"/)
    assert.equal(answer.headers['retry-after'], '1')
  }
})

test('when the database is back the same request is stored, without a restart of the server', async () => {
  await startEmbedded({ directory })

  const answer = await post('/predict', { id: 1, observation: PASSENGER })

  assert.equal(answer.statusCode, 200)
  assert.equal((await app.inject({ url: '/readyz' })).statusCode, 200)
})
