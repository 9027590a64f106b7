import { createTestDatabase } from '@hokku/postgres/testing'
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openStorage, type Storage } from '../storage/storage.ts'
import { createAdminServer } from './admin-server.ts'
import { createDashboard } from './server.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let storage: Storage
before(async () => {
  database = await createTestDatabase()
  storage = openStorage({ DATABASE_URL: database.url })
})
after(async () => {
  await storage.close()
  await database.drop()
})

test('the dashboard shows finished evaluations and their results, behind the server key', async () => {
  const metadata = await storage.metadata()
  await metadata.saveEvaluation({
    id: 'e1',
    status: 'EVALCOMPLETED',
    startTime: new Date(),
    endTime: new Date(),
    evaluationClass: 'org.example.<Evaluation>',
    engineParamsGeneratorClass: 'List',
    batch: '',
    env: {},
    evaluatorResults: 'Best Params Index: 0 Score: 0.9',
    evaluatorResultsHtml: '<p>best</p>',
    evaluatorResultsJson: '{"bestIdx":0}',
  })
  const app = createDashboard({ metadata, serverKey: 'key', env: { PIO_X: 'shown' } })

  const page = await app.inject('/?accessKey=key')
  const json = await app.inject('/engine_instances/e1/evaluator_results.json?accessKey=key')
  const unknown = await app.inject('/engine_instances/x/evaluator_results.txt?accessKey=key')
  const preflight = await app.inject({
    method: 'OPTIONS',
    url: '/engine_instances/e1/local_evaluator_results.json',
  })

  assert.match(page.body, /Best Params Index: 0 Score: 0\.9[^]*org\.example\.&lt;Evaluation&gt;/)
  assert.match(page.body, /PIO_X<\/th><td>shown/)
  assert.deepEqual(json.json(), { bestIdx: 0 })
  assert.equal(json.headers['access-control-allow-origin'], '*')
  assert.equal(unknown.statusCode, 404)
  assert.equal(preflight.headers['access-control-allow-methods'], 'OPTIONS, POST, PUT, GET, DELETE')
  assert.equal((await app.inject('/')).statusCode, 401)
  await app.close()
})

test('the admin server makes, lists and deletes apps in the words of the original', async () => {
  const app = createAdminServer(await storage.metadata(), await storage.events())
  const call = async (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) =>
    (await app.inject({ method, url, ...(payload && { payload }) })).json()

  const made = await call('POST', '/cmd/app', { id: 0, name: 'admin', description: '' })
  const twice = await call('POST', '/cmd/app', { name: 'admin' })
  const list = await call('GET', '/cmd/app')
  const data = await call('DELETE', '/cmd/app/admin/data')
  const gone = await call('DELETE', '/cmd/app/admin')
  const again = await call('DELETE', '/cmd/app/admin')

  assert.deepEqual(
    [made.status, made.message, made.key.length],
    [1, 'App created successfully.', 64],
  )
  assert.deepEqual([twice.status, again.status], [0, 0])
  assert.deepEqual(list.apps[0].keys, [{ key: made.key, appid: made.id, events: [] }])
  assert.match(data.message, /^Removed Event Store for this app ID: \d+Initialized Event Store/)
  assert.deepEqual(gone, { status: 1, message: 'App successfully deleted' })
  await app.close()
})
