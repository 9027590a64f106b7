import { createTestDatabase } from '@hokku/postgres/testing'
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openStorage, type Storage } from '../storage/storage.ts'
import { createAccessKey } from './access-key.ts'
import type { EngineInstance, MetadataStore } from './metadata-store.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let storage: Storage
let metadata: MetadataStore

before(async () => {
  database = await createTestDatabase()
  storage = openStorage({ DATABASE_URL: database.url })
  metadata = await storage.metadata()
})
after(async () => {
  await storage.close()
  await database.drop()
})

const newApp = (name: string, id?: number) =>
  metadata.createApp({ id, name, description: undefined }, createAccessKey())

test('ids count up, also from an id that was chosen', async () => {
  const first = await newApp('one')
  const chosen = await newApp('chosen', 40)
  const next = await newApp('next')

  assert.deepEqual([first.id, chosen.id, next.id], [1, 40, 41])
})

test('two apps made at once get their own ids', async () => {
  const made = await Promise.all(['p', 'q', 'r'].map((name) => newApp(name)))

  assert.equal(new Set(made.map(({ id }) => id)).size, 3)
})

test('a name or id that is taken is refused, and the access key is not made either', async () => {
  await newApp('mine', 100)
  const key = createAccessKey()

  await assert.rejects(metadata.createApp({ id: undefined, name: 'mine', description: '' }, key), {
    message: 'App mine already exists. Aborting.',
  })
  await assert.rejects(metadata.createApp({ id: 100, name: 'x', description: '' }, key), {
    message: "App ID 100 already exists and maps to the app 'mine'. Aborting.",
  })
  assert.equal(await metadata.accessKey(key), undefined)
})

test('an app goes with its keys and channels', async () => {
  const app = await newApp('gone')
  await metadata.createChannel(app.id, 'c')
  await assert.rejects(metadata.createChannel(app.id, 'c'), { code: 'channel_invalid' })

  await metadata.deleteApp(app.id)

  assert.deepEqual(await metadata.listAccessKeys(app.id), [])
  assert.deepEqual(await metadata.listChannels(app.id), [])
  assert.equal(await metadata.appNamed('gone'), undefined)
})

test('access keys have 64 url-safe characters and never start with a hyphen', () => {
  const keys = Array.from({ length: 500 }, createAccessKey)

  assert.ok(keys.every((key) => /^[A-Za-z0-9_][A-Za-z0-9_-]{63}$/.test(key)))
})

test('the newest completed training of the same engine, version and variant is found', async () => {
  const key = { engineId: 'e', engineVersion: 'v', engineVariant: 'default' }
  const instance = (id: string, hour: number, more: Partial<EngineInstance> = {}) =>
    metadata.saveEngineInstance({
      id,
      status: 'COMPLETED',
      startTime: new Date(Date.UTC(2020, 0, 1, hour)),
      endTime: new Date(),
      ...key,
      engineFactory: 'e',
      batch: '',
      details: {
        env: {},
        sparkConf: {},
        dataSourceParams: '{}',
        preparatorParams: '{}',
        algorithmsParams: '[]',
        servingParams: '{}',
      },
      ...more,
    })
  await instance('old', 1)
  await instance('new', 3)
  await instance('failed', 4, { status: 'FAILED' })
  await instance('other', 5, { engineVersion: 'w' })

  assert.equal((await metadata.newest(key, 'COMPLETED'))?.id, 'new')
  assert.equal((await metadata.newest(key, 'FAILED'))?.id, 'failed')
})
