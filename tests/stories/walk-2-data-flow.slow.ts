import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { eventually, startPlatform, type TestPlatform } from './platform.ts'
import { ENGINE_BUILDPACK, post, query, unpackEngine, UP_MS_MAX } from './queries.ts'

/** The document "Data Flow", with a shop whose customers are kept in a file of the repository. */
const KEY = 'a-unique-random-secret'
let platform: TestPlatform
let folder: string

before(async () => {
  platform = await startPlatform()
  folder = await unpackEngine(platform, 'customers')
})
after(async () => await platform.stop())

const type = (line: string): Promise<string> => platform.sh(line, { cwd: folder })
const light = { voice_usage: 12, data_usage: 0, text_usage: 4 }

/** Commits what is in the folder and pushes it. */
const push = (subject: string): Promise<string> =>
  type(`git add . && git commit -q --allow-empty -m "${subject}" && git push heroku master`)

/** Events of the store, asked of the event server. */
async function events(filter: string): Promise<StoredEvent[]> {
  const path = `/events.json?accessKey=${KEY}&limit=-1&${filter}`
  return await eventually(async () => {
    const { status, text } = await platform.get('customer-events', path)
    if (status === 404 && text.includes('Not Found')) return []
    return status === 200 ? (JSON.parse(text) as StoredEvent[]) : undefined
  }, UP_MS_MAX)
}
type StoredEvent = { entityId: string; properties: Record<string, unknown>; eventTime: string }

test('initial events: the script appends to the committed file, all is imported', async () => {
  await type(`git init && heroku create customers && heroku buildpacks:set ${ENGINE_BUILDPACK}
    heroku addons:create heroku-postgresql:hobby-dev --wait
    heroku config:set PIO_EVENTSERVER_APP_NAME=customers PIO_EVENTSERVER_ACCESS_KEY=${KEY}
    mv data/create-sync-events source/`)

  const printed = await push('First')

  assert.match(printed, /Creating 'customers' in the eventserver/)
  assert.match(printed, /Fetching data using script 'data\/create-initial-events'\./)
  assert.match(printed, /Importing events for training to App ID 1/)
  assert.match(printed, /219 imported, 0 left out/)
  assert.match(printed, /Training completed successfully/)
  assert.deepEqual(await query(platform, 'customers', light), { service_plan: 0 })
})

test('once the eventserver has the app, the initial hooks are skipped', async () => {
  const printed = await push('Second')

  assert.match(printed, /Found 'customers' in the eventserver\. No data sync defined/)
  assert.doesNotMatch(printed, /Importing|Fetching/)
  assert.match(printed, /Training completed successfully/)
})

test('a checkpoint is written over the REST API and read back', async () => {
  await type(`heroku create customer-events --no-remote
    heroku buildpacks:set ${ENGINE_BUILDPACK} --app customer-events
    heroku config:set PIO_RUN_AS_EVENTSERVER=true --app customer-events
    heroku addons:attach $(heroku addons --app customers --json | grep -oE 'postgresql-[a-z]+-[0-9]+' | head -n 1) --app customer-events
    heroku git:remote --app customer-events --remote heroku-eventserver
    heroku config:set --app customers EVENTSERVER_URL=http://customer-events.localhost:${platform.port}
    git push heroku-eventserver master`)
  assert.equal((await events('entityType=user')).length, 219)
  const checkpoint = {
    event: '$set',
    entityType: 'checkpoint',
    entityId: 'sync',
    properties: { lastUpdatedAt: '2017-04-14T18:12:20Z' },
    eventTime: '2017-04-14T18:12:20Z',
  }

  const written = await post(
    platform,
    'customer-events',
    `/events.json?accessKey=${KEY}`,
    checkpoint,
  )

  assert.equal(written.status, 201)
  const [read] = await events('entityType=checkpoint&entityId=sync&reversed=true')
  assert.deepEqual(read?.properties, checkpoint.properties)
  assert.equal(read.eventTime, '2017-04-14T18:12:20.000Z')
})

test('a sync script that is not executable fails the release with the line that fixes it', async () => {
  await type('mv source/create-sync-events data/ && chmod -x data/create-sync-events')

  const failed = await platform.attempt(
    'git add . && git commit -qm Sync && git push heroku master',
    { cwd: folder },
  )

  assert.match(failed.stdout + failed.stderr, /chmod \+x data\/create-sync-events/)
  assert.match(
    await type('heroku releases --app customers'),
    /Deploy [0-9a-f]+\s+release command failed/,
  )
  assert.deepEqual(await query(platform, 'customers', light), { service_plan: 0 })
})

test('later releases sync what changed since the checkpoint, before they train', async () => {
  await type(`chmod +x data/create-sync-events
    sed -i 's/^1,42,.*/1,44,0,0,0,2017-05-01T00:00:00Z/' source/customers.csv`)

  const printed = await push('Sync')
  const user = await events('entityType=user&entityId=1&reversed=true')
  const [checkpoint] = await events('entityType=checkpoint&entityId=sync&reversed=true')

  assert.match(printed, /Fetching data using script 'data\/create-sync-events'\./)
  assert.match(printed, /Syncing events for training to App ID 1/)
  assert.match(printed, /Training completed successfully/)
  assert.equal(user[0]?.properties['voice_usage'], 44)
  assert.deepEqual(checkpoint?.properties, { lastUpdatedAt: '2017-05-01T00:00:00Z' })

  const again = await push('Nothing new')
  assert.match(again, /Last sync: 2017-05-01T00:00:00Z/)
  assert.match(again, /1 imported, 0 left out/)
})

test('the hooks run by hand in a console, as the document types them', async () => {
  const before = await events('entityType=checkpoint')
  const terminal = platform.background(
    `script -qec 'heroku run bash --app customers --size Performance-M' /dev/null`,
    { cwd: folder },
  )
  await terminal.until(/\$ $/, UP_MS_MAX)

  for (const [line, seen] of BY_HAND) {
    terminal.child.stdin?.write(`${line}\n`)
    await terminal.until(seen, UP_MS_MAX)
  }
  await terminal.stop()

  assert.equal((await events('entityType=checkpoint')).length, before.length + 1)
})

const BY_HAND: readonly (readonly [string, RegExp])[] = [
  ['cd pio-engine/', /pio-engine \$ $/],
  ['./data/create-sync-events', /Last sync: 2017-05-01T00:00:00Z/],
  ['pio app show $PIO_EVENTSERVER_APP_NAME', /App ID: 1\s/],
  ['pio import --appid 1 --input data/pio-engine/sync-events.json', /1 imported, 0 left out/],
]

test('PIO_PURGE_ON_SYNC=true deletes the old events before the import', async () => {
  await type(
    'heroku config:set --app customers PIO_TRAIN_ON_RELEASE=false && heroku config:set --app customers PIO_PURGE_ON_SYNC=true',
  )
  await type(
    `printf '#!/bin/bash\\nsource/events-since 0000 > data/sync-events.json\\n' > data/create-sync-events`,
  )
  await type('heroku config:unset --app customers PIO_TRAIN_ON_RELEASE')

  const printed = await push('All anew')

  assert.match(printed, /Deleting existing event data, because `PIO_PURGE_ON_SYNC=true`/)
  assert.match(printed, /Syncing events for training to App ID 1/)
  assert.equal((await events('entityType=user')).length, 214)
  assert.deepEqual(await events('entityType=checkpoint'), [])
})

test('initial events that the script does not write fail the release with the reason', async () => {
  await type('heroku run --app customers "pio app delete -f customers"')
  await type(`rm -f data/initial-events.json data/create-sync-events
    printf '#!/bin/bash\\necho nothing to do\\n' > data/create-initial-events
    git add . && git commit -qm Empty`)

  const failed = await platform.attempt('git push heroku master', { cwd: folder })

  assert.match(
    failed.stdout + failed.stderr,
    /'data\/create-initial-events' did not produce the required output file 'data\/initial-events\.json'/,
  )
  assert.match(failed.stdout + failed.stderr, /Error loading data/)
  assert.deepEqual(await query(platform, 'customers', light), { service_plan: 0 })
})

test('pio eventserver is all it takes to run the eventserver, on any machine', async () => {
  const home = await mkdtemp(join(tmpdir(), 'hokku-eventserver-'))
  // As root, PostgreSQL runs as its own user and must be able to pass.
  await chmod(home, 0o755)
  const pio = join(import.meta.dirname, '../../node_modules/.bin/pio')
  const environment = `unset DATABASE_URL; export HOKKU_HOME='${home}'`
  const created = await platform.sh(`${environment}; '${pio}' app new alone --access-key alone`)
  const server = platform.background(`${environment}; exec '${pio}' eventserver --port 0`)
  const shown = await server.until(/listening at http:\/\/[^\s]+/, UP_MS_MAX)
  const port = /:(\d+)\/?$/.exec(shown.trim())?.[1]

  const answer = await platform.sh(
    `curl -s -H 'Content-Type: application/json' -d '{"event":"$set","entityType":"user","entityId":"1","properties":{"a":1}}' 'http://127.0.0.1:${port}/events.json?accessKey=alone'`,
  )
  await server.stop()
  await platform.sh(`HOKKU_HOME='${home}' hokku down || true`)
  await rm(home, { recursive: true, force: true })

  assert.match(created, /Access Key: alone/)
  assert.match(answer, /"eventId"/)
})
