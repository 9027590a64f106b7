import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  createWorkbench,
  fixture,
  newApp,
  postJson,
  type Running,
  type Workbench,
} from '../testing.ts'

/** The event server integration run of PredictionIO's own test suite, step by step. */
let bench: Workbench
let server: Running
let app: { id: string; accessKey: string }
before(async () => {
  bench = await createWorkbench()
  app = await newApp(bench, 'run')
  server = await bench.start(['eventserver', '--ip', '127.0.0.1', '--port', '0'])
})
after(async () => {
  await server[Symbol.asyncDispose]()
  await bench[Symbol.asyncDispose]()
})

type Json = Record<string, unknown>
const readJson = (name: string) =>
  JSON.parse(readFileSync(fixture(`data/${name}`), 'utf8')) as Json[]
const post = (path: string, body: unknown) =>
  postJson(`${server.url}${path}?accessKey=${app.accessKey}`, body)
const get = async (parameters: Record<string, string>) => {
  const query = new URLSearchParams({ accessKey: app.accessKey, ...parameters })
  const response = await fetch(`${server.url}/events.json?${query.toString()}`)
  return { status: response.status, json: (await response.json()) as Json[] }
}

test('a new app has no events', async () => {
  assert.deepEqual(await get({}), { status: 404, json: { message: 'Not Found' } })
})

test('one event is created', async () => {
  const { status } = await post('/events.json', {
    event: 'test',
    entityType: 'test',
    entityId: 't1',
  })

  assert.equal(status, 201)
})

test('a batch of 25 is accepted, one of 51 is not, but its import is', async () => {
  const signups = readJson('signup_events_51.json')
  const file = join(bench.directory, 'signups.json')
  writeFileSync(file, signups.map((event) => JSON.stringify(event)).join('\n'))

  assert.equal((await post('/batch/events.json', readJson('rate_events_25.json'))).status, 200)
  assert.equal((await post('/batch/events.json', signups)).status, 400)
  const { code, stdout } = await bench.pio(['import', '--appid', app.id, '--input', file])
  assert.equal(code, 0)
  assert.match(stdout, /Events are imported\.\n[^]*Done\.\n/)
})

test('a batch with a malformed event stores the other one', async () => {
  const { json } = await post('/batch/events.json', readJson('partially_malformed_events.json'))

  assert.deepEqual(
    (json as { status: number }[]).map(({ status }) => status),
    [201, 400],
  )
})

const user1 = { entityType: 'user', entityId: '1', event: 'rate' }
const FOUND: readonly (readonly [Record<string, string>, number])[] = [
  [{ event: 'rate' }, 20],
  [{ event: 'rate', limit: '-1' }, 25],
  [{ event: 'rate', limit: '10' }, 10],
  [user1, 5],
  [{ event: 'rate', targetEntityType: 'item', targetEntityId: '1' }, 5],
  [
    {
      ...user1,
      startTime: '2014-11-01T09:39:45.618-08:00',
      untilTime: '2014-11-04T09:39:45.618-08:00',
    },
    3,
  ],
]
for (const [parameters, count] of FOUND) {
  test(`${JSON.stringify(parameters)} finds ${count} events`, async () => {
    assert.equal((await get(parameters)).json.length, count)
  })
}

test('reversed, the newest event is the first', async () => {
  const { json } = await get({ ...user1, reversed: 'true' })

  assert.equal(json.length, 5)
  assert.equal(Date.parse(String(json[0]?.['eventTime'])), Date.parse('2014-11-05T17:39:45.618Z'))
})

test('after data-delete the events are gone', async () => {
  await bench.pio(['app', 'data-delete', 'run', '--all', '--force'])

  assert.equal((await get({})).status, 404)
})

test('the server ends cleanly when asked to, with every answered event stored', async () => {
  const second = await bench.start(['eventserver', '--ip', '127.0.0.1', '--port', '0'])
  const event = { event: 'last', entityType: 'user', entityId: 'u' }
  const posts = Array.from({ length: 200 }, () =>
    postJson(`${second.url}/events.json?accessKey=${app.accessKey}`, event).then(
      ({ status }) => status,
      () => 0,
    ),
  )
  await Promise.race(posts)
  second.child.kill('SIGTERM')
  const created = (await Promise.all(posts)).filter((status) => status === 201).length

  const [code] = (await second.ended) as [number]

  assert.equal(code, 0)
  assert.ok(created > 0)
  const stored = (await get({ event: 'last', limit: '-1' })).json.length
  assert.ok(stored >= created, `${created} answered, ${stored} stored`)
})
