import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { collect, createWorkbench, newApp, type Running, type Workbench } from '../testing.ts'

/** Client libraries of PredictionIO, unmodified, against both servers. */
let bench: Workbench
let events: Running
let engine: Running
let app: { id: string; accessKey: string }

before(async () => {
  bench = await createWorkbench()
  app = await newApp(bench, 'sdk')
  events = await bench.start(['eventserver', '--ip', '127.0.0.1', '--port', '0'])
  const cwd = join(bench.directory, 'engine')
  mkdirSync(cwd)
  writeFileSync(
    join(cwd, 'engine.json'),
    JSON.stringify({
      id: 'default',
      engineFactory: 'org.example.recommendation.RecommendationEngine',
      datasource: { params: { appName: 'sdk' } },
      algorithms: [{ name: 'als', params: { rank: 2 } }],
    }),
  )
  const rate = (user: string, item: string) =>
    JSON.stringify({
      event: 'rate',
      entityType: 'user',
      entityId: user,
      targetEntityType: 'item',
      targetEntityId: item,
      properties: { rating: 5 },
    })
  writeFileSync(join(cwd, 'rates.json'), [rate('u1', 'i1'), rate('u2', 'i2')].join('\n'))
  await bench.pio(['import', '--appid', app.id, '--input', join(cwd, 'rates.json')])
  const trained = await bench.pio(['train'], { cwd })
  assert.equal(trained.code, 0, trained.stdout)
  engine = await bench.start(['deploy', '--ip', '127.0.0.1', '--port', '0'], { cwd })
})
after(async () => {
  await events[Symbol.asyncDispose]()
  await engine[Symbol.asyncDispose]()
  await bench[Symbol.asyncDispose]()
})

type Driver = {
  Events: new (options: object) => {
    status: () => Promise<unknown>
    createUser: (user: object) => Promise<{ eventId?: string }>
    createAction: (action: object) => Promise<{ eventId?: string }>
  }
  Engine: new (options: object) => { sendQuery: (query: object) => Promise<unknown> }
}

test('the Node client predictionio-driver posts events and queries', async () => {
  const require = createRequire(import.meta.url)
  const driver = require('predictionio-driver') as Driver
  const url = 'http://127.0.0.1'
  const client = new driver.Events({
    appId: Number(app.id),
    accessKey: app.accessKey,
    url,
    port: new URL(events.url).port,
  })
  const queries = new driver.Engine({ url, port: new URL(engine.url).port })

  const status = await client.status()
  const user = await client.createUser({ uid: 'node-user' })
  const action = await client.createAction({
    event: 'view',
    uid: 'node-user',
    iid: 'i1',
    targetEntityType: 'item',
  })
  const answer = await queries.sendQuery({ user: 'u1', num: 1 })

  assert.deepEqual(status, { status: 'alive' })
  assert.match(user.eventId ?? '', /^[0-9a-f]{32}$/)
  assert.match(action.eventId ?? '', /^[0-9a-f]{32}$/)
  assert.equal((answer as { itemScores: { item: string }[] }).itemScores[0]?.item, 'i1')
})

const PYTHON = `
import datetime, predictionio, sys
events, engine, key, exported = sys.argv[1:]
client = predictionio.EventClient(access_key=key, url=events)
user = client.set_user('py-user', {'age': 7})
client.record_user_action_on_item('view', 'py-user', 'i1', {'n': 1})
stored = client.get_event(user.json_body['eventId'])
assert stored['properties'] == {'age': 7}, stored
found = client.get_events(entityType='user', entityId='py-user', limit=5)
assert len(found) == 2, found
client.delete_event(user.json_body['eventId'])
zone = datetime.timezone(datetime.timedelta(hours=-7))
when = datetime.datetime(2004, 12, 13, 21, 39, 45, 618000, zone)
pending = [client.aset_item('py-item-%d' % n, {'n': n}, event_time=when) for n in range(20)]
ids = [request.get_response().json_body['eventId'] for request in pending]
assert len(set(ids)) == 20, ids
assert client.get_event(ids[3])['eventTime'] == '2004-12-13T21:39:45.618-07:00'
client.unset_user('py-user', {'age': None})
client.delete_user('py-user')
assert client.get_events(entityType='user', entityId='py-user', limit=1, reversed=True)[0]['event'] == '$delete'
try:
  client.create_event('$nope', 'user', 'x')
  raise SystemExit('a reserved event was accepted')
except predictionio.NotCreatedError as error:
  assert 'is not a supported reserved event name' in str(error), error
side = predictionio.EventClient(access_key=key, url=events, channel='side')
side.create_event('view', 'user', 'in-channel')
assert len(side.get_events(limit=-1)) == 1
side.close()
client.close()
exporter = predictionio.FileExporter(file_name=exported)
for n in range(3):
  exporter.create_event('rate', 'user', 'exported', 'item', 'i%d' % n, {'rating': n}, when)
exporter.close()
answer = predictionio.EngineClient(url=engine).send_query({'user': 'u2', 'num': 1})
assert answer['itemScores'][0]['item'] == 'i2', answer
print('python sdk ok')
`

test('the Python SDK posts, reads, deletes and queries', async (context) => {
  const python = join(bench.directory, 'python')
  const made = spawnSync('python3', ['-m', 'venv', python])
  const pip = spawnSync(join(python, 'bin/pip'), ['install', '-q', 'predictionio==0.9.9'], {
    timeout: PIP_MS_MAX,
  })
  if (made.status !== 0 || pip.status !== 0) {
    context.skip('pip cannot install predictionio here')
    return
  }
  const script = join(bench.directory, 'sdk.py')
  const exported = join(bench.directory, 'exported.json')
  writeFileSync(script, PYTHON)
  await bench.pio(['app', 'channel-new', 'sdk', 'side'])

  const ended = await collect(
    spawn(join(python, 'bin/python'), [script, events.url, engine.url, app.accessKey, exported], {
      stdio: 'pipe',
    }),
  )
  const imported = await bench.pio(['import', '--appid', app.id, '--input', exported])

  assert.equal(ended.code, 0, ended.stderr)
  assert.match(ended.stdout, /python sdk ok/)
  assert.match(imported.stdout, /3 imported, 0 left out/)
})

/** A busy machine needs its time to fetch and unpack. */
const PIP_MS_MAX = 180_000
