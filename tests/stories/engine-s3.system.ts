import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openBucket } from '../../frameworks/engine/files/effects/s3-bucket.ts'
import { openFiles } from '../../frameworks/engine/files/open-files.ts'
import { createPlaceModels } from '../../frameworks/engine/model-store/effects/place-models.ts'
import { createWorkbench, postJson, type Workbench } from '../../frameworks/engine/testing.ts'
import { openTestStorage, type TestBucket } from '../../platform/object-storage/testing.ts'

/** Engines and object storage together: models and files in a bucket, on the server of bucketeer. */
let storage: Awaited<ReturnType<typeof openTestStorage>>
let bucket: TestBucket
let bench: Workbench

before(async () => {
  storage = await openTestStorage()
  bucket = await storage.newBucket()
  bench = await createWorkbench()
})
after(async () => {
  await bench[Symbol.asyncDispose]()
  await storage.close()
  storage.remove()
})

/** As `heroku addons:create bucketeer --as PIO_S3` sets them, in a dyno. */
const bucketVars = () => ({
  DYNO: 'web.1',
  PIO_S3_BUCKET_NAME: bucket.name,
  PIO_S3_AWS_ACCESS_KEY_ID: bucket.credentials.accessKeyId,
  PIO_S3_AWS_SECRET_ACCESS_KEY: bucket.credentials.secretAccessKey,
  PIO_S3_AWS_REGION: 'us-east-1',
  PIO_S3_ENDPOINT: bucket.endpoint,
  PIO_POSTGRES_OPTIONAL_SSL: 'true',
})
const bucketOptions = (name: string, endpoint = bucket.endpoint) => ({
  ...bucket.credentials,
  bucket: name,
  endpoint,
  region: 'us-east-1',
  settings: 'the settings',
})

test('a model is kept whole in a bucket, replaced, and gone after its removal', async () => {
  const models = createPlaceModels(openBucket(bucketOptions(bucket.name)), '/pio/')
  const large = Buffer.alloc(20_000_000, 'abc')

  await models.save('one', Buffer.from('old'))
  await models.save('one', large)

  assert.ok(large.equals((await models.load('one')) ?? Buffer.of()))
  assert.equal(await models.load('other'), undefined)
  await models.delete('one')
  await models.delete('one')
  assert.equal(await models.load('one'), undefined)
})

test('a bucket that is not ours, and a server that is not there, are errors that name them', async () => {
  const foreign = openBucket(bucketOptions('unknown'))
  const nowhere = openBucket(bucketOptions(bucket.name, 'http://127.0.0.1:1'))

  for (const place of [foreign, nowhere]) {
    await assert.rejects(place.read('x'), { code: 'storage_unreachable', hint: /the settings/ })
  }
  await assert.rejects(foreign.list(''), { message: /The S3 bucket unknown cannot be used/ })
})

test('files of odd names are written, listed over several pages, read and deleted', async () => {
  const files = openFiles(bucketVars())
  const odd = '/odd/a b+c%41&<ü>"\'(1)*!.json'
  const many = Array.from({ length: 1005 }, (_, n) => `/many/${String(n).padStart(4, '0')}`)

  await files.write(odd, '{"ü":1}')
  for (let at = 0; at < many.length; at += 50) {
    await Promise.all(many.slice(at, at + 50).map((path) => files.write(path, path)))
  }

  assert.equal(await files.readText(odd), '{"ü":1}')
  assert.equal(await files.exists(odd), true)
  assert.equal(await files.exists('/odd/a'), false)
  assert.deepEqual(await files.list('/odd'), [odd])
  assert.deepEqual(await files.list('/many'), many)
  await files.delete(odd)
  await files.delete(odd)
  await assert.rejects(files.read(odd), { code: 'file_missing' })
})

test('a bucket or folder that cannot be used is reported by pio status, without its secrets', async () => {
  const folder = join(bench.directory, 'a-file')
  writeFileSync(folder, '')
  const source = (name: string) => ({
    ...bucketVars(),
    PIO_STORAGE_REPOSITORIES_METADATA_SOURCE: 'PGSQL',
    PIO_STORAGE_REPOSITORIES_EVENTDATA_SOURCE: 'PGSQL',
    PIO_STORAGE_REPOSITORIES_MODELDATA_SOURCE: name,
    PIO_STORAGE_SOURCES_PGSQL_TYPE: 'jdbc',
    PIO_STORAGE_SOURCES_S3_TYPE: 's3',
    PIO_STORAGE_SOURCES_S3_BUCKET_NAME: 'nobodys-bucket',
    PIO_STORAGE_SOURCES_LOCALFS_TYPE: 'localfs',
    PIO_STORAGE_SOURCES_LOCALFS_PATH: folder,
    PIO_STORAGE_SOURCES_HDFS_TYPE: 'hdfs',
    PIO_STORAGE_SOURCES_ELASTICSEARCH_TYPE: 'elasticsearch',
  })
  const status = async (name: string) => await bench.pio(['status'], { env: source(name) })

  const [s3, local, hdfs, elasticsearch] = await Promise.all(
    ['S3', 'LOCALFS', 'HDFS', 'ELASTICSEARCH'].map(status),
  )

  const unable = 'Unable to connect to all storage backends successfully'
  assert.match(s3?.stdout ?? '', new RegExp(`${unable}.* The S3 bucket nobodys-bucket cannot`))
  assert.match(
    s3?.stdout ?? '',
    /Source Name: S3; Type: s3; Configuration: BUCKET_NAME -> nobodys-/,
  )
  assert.match(local?.stdout ?? '', new RegExp(`${unable}.* The folder .*a-file cannot be used`))
  assert.match(hdfs?.stdout ?? '', /MODELDATA cannot be kept in a source of type hdfs \(HDFS\)/)
  assert.match(elasticsearch?.stdout ?? '', /source of type elasticsearch \(ELASTICSEARCH\)/)
  for (const ended of [s3, local, hdfs, elasticsearch]) {
    assert.equal(ended?.code, 1)
    assert.ok(!ended?.stdout.includes(bucket.credentials.secretAccessKey))
  }
})

const ENGINE = `
import { defineAlgorithm, defineDataSource, defineEngine, z } from '@hokku/engine'
export default defineEngine({
  query: z.object({ path: z.string() }),
  dataSource: defineDataSource({
    params: z.object({}),
    read: async (_params, { files }) => JSON.parse(await files.readText('/lists/words.json')),
  }),
  algorithms: {
    count: defineAlgorithm({
      params: z.object({}),
      train: (words: string[]) => ({ count: words.length }),
      save: async (model, { id, files }) => {
        await files.write('/own/' + id, JSON.stringify(model))
        return true
      },
      load: async ({ id, files }) => JSON.parse(await files.readText('/own/' + id)),
      predict: async (model, { path }, { files }) => ({
        count: model.count,
        text: await files.readText(path),
      }),
    }),
  },
})`

/** What an engine's `config/pio-env.sh` says to keep models in the bucket. */
const PIO_ENV = `
PIO_STORAGE_REPOSITORIES_METADATA_NAME=pio_meta
PIO_STORAGE_REPOSITORIES_METADATA_SOURCE=PGSQL
PIO_STORAGE_REPOSITORIES_EVENTDATA_NAME=pio_event
PIO_STORAGE_REPOSITORIES_EVENTDATA_SOURCE=PGSQL
PIO_STORAGE_REPOSITORIES_MODELDATA_NAME=pio_model
PIO_STORAGE_REPOSITORIES_MODELDATA_SOURCE=S3
PIO_STORAGE_SOURCES_PGSQL_TYPE=jdbc
PIO_STORAGE_SOURCES_S3_TYPE=s3
PIO_STORAGE_SOURCES_S3_BUCKET_NAME=$PIO_S3_BUCKET_NAME
PIO_STORAGE_SOURCES_S3_BASE_PATH=models
`

test('an engine trains from a file, keeps its own model in one, and reads another to answer', async () => {
  const cwd = join(bench.directory, 'files')
  mkdirSync(join(cwd, 'conf'), { recursive: true })
  writeFileSync(join(cwd, 'engine.ts'), ENGINE)
  writeFileSync(
    join(cwd, 'engine.json'),
    JSON.stringify({ id: 'd', engineFactory: 'mine', algorithms: [{ name: 'count', params: {} }] }),
  )
  writeFileSync(join(cwd, 'conf/pio-env.sh'), PIO_ENV)
  const env = { ...bucketVars(), PIO_CONF_DIR: join(cwd, 'conf') }
  const files = openFiles(bucketVars())
  await files.write('/lists/words.json', '["a","b","c"]')
  await files.write('/greeting.txt', 'hello')

  const status = await bench.pio(['status'], { cwd, env })
  const trained = await bench.pio(['train'], { cwd, env })
  await using server = await bench.start(['deploy', '--ip', '127.0.0.1', '--port', '0'], {
    cwd,
    env,
  })
  const answer = await postJson(`${server.url}/queries.json`, { path: '/greeting.txt' })
  const relative = await postJson(`${server.url}/queries.json`, { path: 'greeting.txt' })

  assert.equal(status.code, 0, status.stdout)
  assert.match(status.stdout, /Verifying Model Data Backend \(Source: S3\)/)
  assert.equal(trained.code, 0, trained.stdout)
  assert.deepEqual(answer.json, { count: 3, text: 'hello' })
  assert.equal(relative.status, 422)
  assert.deepEqual(relative.json, { message: 'The path greeting.txt is relative.' })
  const [own] = await files.list('/own')
  assert.match(own ?? '', /^\/own\/[0-9a-f-]{36}-0-count$/)
})

test('a model in the bucket that was cut short is not deployed, with the way out', async () => {
  const cwd = join(bench.directory, 'files')
  const env = { ...bucketVars(), PIO_CONF_DIR: join(cwd, 'conf') }
  const place = openBucket(bucketOptions(bucket.name))
  const [model = ''] = await place.list('models/')
  const whole = (await place.read(model)) ?? new Uint8Array()
  await place.write(model, whole.subarray(0, -1))

  const { code, stdout } = await bench.pio(['deploy', '--port', '0'], { cwd, env })

  assert.equal(code, 1)
  assert.match(stdout, /cannot be read: it was cut short or changed/)
  assert.match(stdout, /Train again with pio train/)
})
