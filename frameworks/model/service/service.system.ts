import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { FastifyInstance } from '@hokku/kit/http'
import { createTestDatabase, type TestDatabase } from '@hokku/kit/postgres/testing'
import { readConfig } from '../config.ts'
import { openStore, type Store } from '../store/open-store.ts'
import { readRouting } from '../store/routing.ts'
import { createApp } from './create-app.ts'
import { createMetrics } from './metrics.ts'
import { createRegistry, loadVersions, type Registry } from './registry.ts'

const FIXTURES = join(import.meta.dirname, '../fixtures')
const TOKEN = 'a-token-of-sixteen'
const PASSENGER = {
  Age: 22.0,
  Cabin: null,
  Embarked: 'S',
  Fare: 7.25,
  Parch: 0,
  Pclass: 3,
  Sex: 'male',
  SibSp: 1,
}
const PROBA = 0.09264179297127445

let database: TestDatabase
let folder: string
let store: Store
let registry: Registry
let app: FastifyInstance

before(async () => {
  database = await createTestDatabase()
  folder = await mkdtemp(join(tmpdir(), 'model-'))
  await cp(join(FIXTURES, 'titanic-seed/2017'), folder, { recursive: true })
  await cp(join(FIXTURES, 'titanic-seed/2020'), join(folder, 'versions/newer'), { recursive: true })
  store = await openStore(database.url, 4)
  registry = createRegistry(
    await loadVersions(folder, assert.fail),
    await readRouting(store.database),
  )
  app = appWith({})
})

after(async () => {
  await store.close()
  await database.drop()
  await rm(folder, { recursive: true })
})

const appWith = (env: Record<string, string>): FastifyInstance =>
  createApp({ config: readConfig(env), store, registry, metrics: createMetrics() })

type Answer = { status: number; body: Record<string, unknown>; text: string }

async function send(
  path: string,
  body: unknown,
  options: { on?: FastifyInstance; type?: string; token?: string } = {},
): Promise<Answer> {
  const response = await (options.on ?? app).inject({
    method: 'POST',
    url: path,
    headers: {
      'content-type': options.type ?? 'application/json',
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.statusCode, body: tryJson(response.body), text: response.body }
}

const tryJson = (text: string): Record<string, unknown> => {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

const get = async (path: string): Promise<Answer> => {
  const response = await app.inject({ url: path })
  return { status: response.statusCode, body: tryJson(response.body), text: response.body }
}

test("the document's observation alone is answered as the document prints it, and not recorded", async () => {
  const { status, body } = await send('/predict', PASSENGER)

  assert.equal(status, 200)
  assert.deepEqual(body, { prediction: PROBA })
  assert.equal((await get('/list-db-contents')).text, '[]')
})

test('an observation with an id is recorded with its probability and computed class', async () => {
  const { status, body } = await send('/predict', { id: 0, observation: PASSENGER })

  assert.equal(status, 200)
  assert.deepEqual(body, {
    id: 1,
    observation_id: 0,
    predicted_class: false,
    proba: PROBA,
    true_class: null,
  })
})

test('the same id again is a conflict and overwrites nothing', async () => {
  const { status, body } = await send('/predict', { id: 0, observation: { ...PASSENGER, Age: 60 } })
  const stored = await get('/predictions/0')

  assert.equal(status, 409)
  assert.equal(body['error'], 'Observation ID: "0" already exists')
  assert.equal(stored.body['proba'], PROBA)
})

test('the true class comes back with the whole row, again and again, and its history is kept', async () => {
  await send('/update', { id: 0, true_class: 0 })
  const { status, body } = await send('/update', { id: 0, true_class: 1 })
  const stored = await get('/predictions/0')

  assert.equal(status, 200)
  assert.equal(body['true_class'], 1)
  assert.equal(body['proba'], PROBA)
  assert.deepEqual(JSON.parse(String(body['observation'])), { id: 0, observation: PASSENGER })
  const history = stored.body['outcomes'] as { true_class: unknown }[]
  assert.deepEqual(
    history.map((outcome) => outcome.true_class),
    [0, 1],
  )
})

test('an outcome for an unknown id, and one that is no class, are refused', async () => {
  const unknown = await send('/update', { id: 'nobody', true_class: 1 })
  const other = await send('/update', { id: 0, true_class: 4 })

  assert.equal(unknown.status, 404)
  assert.equal(unknown.body['error'], 'Observation ID: "nobody" does not exist')
  assert.equal(other.status, 422)
  assert.deepEqual(other.body['allowed'], [0, 1])
})

test('one answer names everything that is wrong with an observation', async () => {
  const { status, body } = await send('/predict', {
    id: 'bad',
    observation: {
      Age: 'old',
      Pclass: 1.5,
      SibSp: null,
      Parch: 0,
      Fare: 1,
      Cabin: 7,
      Sex: 'x',
      Crew: 1,
    },
  })

  assert.equal(status, 422)
  assert.equal(body['code'], 'invalid_observation')
  assert.deepEqual(
    (body['details'] as { column: string; problem: string }[]).map(
      ({ column, problem }) => `${column} ${problem}`,
    ),
    [
      'Pclass must be an integer',
      'Age must be a number',
      'SibSp must not be null',
      'Cabin must be a text',
      'Embarked is missing',
      'Crew is not a column of the model',
    ],
  )
  assert.equal((await get('/predictions/bad')).status, 404)
})

test('with strict=0 values are cast as pandas casts them', async () => {
  const { status } = await send('/predict?strict=0', {
    ...PASSENGER,
    Pclass: '3',
    Fare: '7.25',
    Crew: 1,
  })
  const refused = await send('/predict?strict=0', { ...PASSENGER, Fare: 'two' })

  assert.equal(status, 200)
  assert.equal(refused.status, 422)
  assert.match(String(refused.body['error']), /Fare/)
})

const MALFORMED: readonly (readonly [what: string, body: string, status: number])[] = [
  ['an empty body', '', 400],
  ['malformed JSON', '{"id": 1, "observation": {', 400],
  ['a number', '3', 400],
  ['NaN', '{"Age": NaN}', 400],
  ['an envelope without an id', '{"observation": {}}', 400],
  ['an id that is a fraction', '{"id": 1.5, "observation": {}}', 400],
  ['an id that is a list', '{"id": [1], "observation": {}}', 400],
  ['an id that is too long', JSON.stringify({ id: 'x'.repeat(300), observation: {} }), 400],
  ['an id with a NUL', '{"id": "a\\u0000b", "observation": {}}', 400],
  ['an id that is half a character', '{"id": "\\ud800", "observation": {}}', 400],
  ['an id without an observation', '{"id": 5}', 400],
  ['a split without data', '{"dataframe_split": {"columns": []}}', 400],
  ['an array of which nothing can be read', '[1, {"id": 2}]', 400],
  ['an observation that is text', '{"id": 1, "observation": "x"}', 400],
  ['10 MB', JSON.stringify({ Age: 'x'.repeat(10_000_000) }), 413],
  ['deeply nested JSON', '['.repeat(200_000), 400],
]

for (const [what, body, status] of MALFORMED) {
  test(`${what} is answered with ${status}`, async () => {
    const answer = await send('/predict', body)

    assert.equal(answer.status, status)
    const [first] = Array.isArray(answer.body)
      ? (answer.body as Record<string, unknown>[])
      : [answer.body]
    assert.equal(typeof first?.['error'], 'string')
  })
}

test('a body that is not JSON by its header is refused with the header’s name', async () => {
  const { status, body } = await send('/predict', 'a=1', {
    type: 'application/x-www-form-urlencoded',
  })

  assert.equal(status, 415)
  assert.match(String(body['error']), /Content-Type/)
})

test('a packed body, and another method than POST, are refused by name', async () => {
  const packed = await app.inject({
    method: 'POST',
    url: '/predict',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: 'x',
  })
  const read = await app.inject({ url: '/predict' })

  assert.equal(packed.statusCode, 415)
  assert.match(packed.body, /Content-Encoding/)
  assert.equal(read.statusCode, 405)
  assert.equal(read.headers['allow'], 'POST')
})

test('a mark of the byte order before JSON is no fault', async () => {
  const { body } = await send('/predict', `\uFEFF${JSON.stringify(PASSENGER)}`)

  assert.deepEqual(body, { prediction: PROBA })
})

test('ids keep their kind: huge integers, any script, text of digits', async () => {
  const ids = ['12345678901234567890123', '"東京 🎈"', '"007"', '-5']
  for (const id of ids) {
    const { status, text } = await send(
      '/predict',
      `{"id": ${id}, "observation": ${JSON.stringify(PASSENGER)}}`,
    )

    assert.equal(status, 200, text)
    assert(text.includes(`"observation_id":${id},`), text)
  }
  assert.equal((await get(`/predictions/${encodeURIComponent('東京 🎈')}`)).status, 200)
})

test('an array is answered element by element; a bad one spoils no other', async () => {
  const item = (id: number) => ({ id, observation: PASSENGER })
  const { status, text } = await send('/predict', [
    item(100),
    item(100),
    { id: 101, observation: {} },
    PASSENGER,
    item(102),
  ])
  const answers = JSON.parse(text) as Record<string, unknown>[]

  assert.equal(status, 200)
  assert.deepEqual(
    answers.map((answer) => answer['observation_id'] ?? answer['code'] ?? answer['prediction']),
    [100, 'conflict', 'invalid_observation', PROBA, 102],
  )
})

test('lines of JSON are answered line by line, with the number of the one that is malformed', async () => {
  const line = JSON.stringify({ id: 200, observation: PASSENGER })
  const { text } = await send('/predict', `${line}\n{oops\n\n${JSON.stringify(PASSENGER)}\n`, {
    type: 'application/x-ndjson',
  })
  const answers = text.trim().split('\n').map(tryJson)

  assert.equal(answers.length, 3)
  assert.equal(answers[0]?.['observation_id'], 200)
  assert.match(String(answers[1]?.['error']), /Line 2 /)
  assert.equal(answers[1]?.['status'], 400)
  assert.equal(answers[2]?.['prediction'], PROBA)
})

test('lines of which nothing can be read fail as a whole, and keep their numbers', async () => {
  const type = 'application/x-ndjson'
  const predicted = await send('/predict', '\n{oops\n', { type })
  const updated = await send('/update', '\n\n{"id": 200}\n', { type })

  assert.equal(predicted.status, 400)
  assert.match(predicted.text, /Line 2 /)
  assert.equal(updated.status, 400)
  assert.match(updated.text, /Line 3 has no true_class/)
})

test('outcomes by lines are stored line by line', async () => {
  const { status, text } = await send(
    '/update',
    '{"id": 200, "true_class": 1}\n{"id": "nobody", "true_class": 1}\n',
    { type: 'application/x-ndjson' },
  )
  const answers = text.trim().split('\n').map(tryJson)

  assert.equal(status, 200)
  assert.deepEqual(
    answers.map((answer) => answer['true_class'] ?? answer['status']),
    [1, 404],
  )
})

test('batches that name the same ids in different order are both answered', async () => {
  const ids = Array.from({ length: 400 }, (_, i) => ({ id: `twice-${i}`, observation: PASSENGER }))

  const rounds = await Promise.all(
    [ids, ids.toReversed(), ids, ids.toReversed()].map((batch) => send('/predict', batch)),
  )
  const answers = rounds.flatMap(({ text }) => JSON.parse(text) as Record<string, unknown>[])

  assert.equal(answers.filter((answer) => answer['id'] !== undefined).length, 400)
  assert.equal(answers.filter((answer) => answer['code'] === 'conflict').length, 1200)
})

test('records and splits of a data frame are scored like single observations', async () => {
  const columns = Object.keys(PASSENGER)
  const split = await send('/predict', {
    dataframe_split: { columns, data: [Object.values(PASSENGER)] },
  })
  const records = await send('/predict', { dataframe_records: [PASSENGER] })

  assert.deepEqual(split.body, { predictions: [{ prediction: PROBA }] })
  assert.deepEqual(records.body, split.body)
})

test('old clients can have failures with status 200', async () => {
  const { status, body } = await send(
    '/update',
    { id: 'nobody', true_class: 1 },
    { on: appWith({ MODEL_ERRORS_AS_200: '1' }) },
  )

  assert.equal(status, 200)
  assert.equal(body['error'], 'Observation ID: "nobody" does not exist')
})

test('rows are listed in order, a page at a time', async () => {
  const first = await app.inject({ url: '/list-db-contents?limit=2' })
  const rows = JSON.parse(first.body) as { id: number }[]
  const next = /<(.*)>/.exec(String(first.headers['link']))?.[1] ?? ''
  const second = JSON.parse((await get(next)).text) as { id: number }[]

  assert.equal(rows.length, 2)
  assert(second[0]!.id > rows[1]!.id)
  assert.equal((await get('/list-db-contents?limit=x')).status, 400)
})

test('exports hold every row for retraining, columns in training order, formulas defused', async () => {
  await send('/predict?strict=0', {
    id: 'formula',
    observation: { ...PASSENGER, Cabin: '=1+1', Sex: 'a,"b"' },
  })
  const csv = (await get('/export.csv')).text
  const lines = (await get('/export.jsonl?labelled=1')).text.trim().split('\n').map(tryJson)

  assert.match(csv, /^Pclass,Sex,Age,SibSp,Parch,Fare,Cabin,Embarked,observation_id,proba,/)
  assert.match(csv, /3,"a,""b""",22,1,0,7.25,'=1\+1,S,formula,/)
  assert.equal(lines.length, 2)
  assert.deepEqual(lines[0]?.['observation'], PASSENGER)
  assert.equal((await get('/export?format=csv')).text, csv)
  assert.equal((await get('/export?format=parquet')).status, 400)
})

test('the contract is served: schema, OpenAPI, try-it page', async () => {
  const schema = (await get('/schema')).body as { required: string[] }
  const openapi = (await get('/openapi.json')).body as { openapi: string; paths: object }
  const described = Object.keys(openapi.paths).map((path) => path.replaceAll(/\{(\w+)\}/g, ':$1'))
  const routes = new Set(
    described.filter(
      (url) => app.hasRoute({ url, method: 'GET' }) || app.hasRoute({ url, method: 'POST' }),
    ),
  )

  assert.equal(schema.required.length, 8)
  assert.equal(openapi.openapi, '3.1.0')
  assert.deepEqual([...routes], described)
  assert.match((await get('/docs')).text, /Embarked <span/)
})

test('health, readiness and counts are there for machines', async () => {
  assert.deepEqual((await get('/healthz')).body, { status: 'ok' })
  assert.equal((await get('/readyz')).body['status'], 'ready')
  assert.match(
    (await get('/metrics')).text,
    /model_predictions_total\{version="\w+",result="scored"\} \d+/,
  )
})

test('with a token set, strangers get nothing but the health check', async () => {
  const guarded = appWith({ MODEL_TOKEN: TOKEN })

  const stranger = await send('/predict', PASSENGER, { on: guarded })
  const wrong = await send('/predict', PASSENGER, { on: guarded, token: `${TOKEN}!` })
  const owner = await send('/predict', PASSENGER, { on: guarded, token: TOKEN })
  const health = await guarded.inject({ url: '/healthz' })

  assert.deepEqual(
    [stranger.status, wrong.status, owner.status, health.statusCode],
    [401, 401, 200, 200],
  )
})

test('versions are switched, rolled back, shadowed and tried on a share of ids without a restart', async () => {
  const guarded = appWith({ MODEL_TOKEN: TOKEN })
  const post = (path: string, body: unknown = {}) => send(path, body, { on: guarded, token: TOKEN })
  const remove = async (url: string): Promise<Record<string, unknown>> => {
    const headers = { authorization: `Bearer ${TOKEN}` }
    return tryJson((await guarded.inject({ method: 'DELETE', url, headers })).body)
  }
  const [own, newer] = registry.all().map((bundle) => bundle.version)

  assert.equal((await post('/models/unknown/activate')).status, 404)
  await post(`/models/${newer}/activate`)
  assert.equal((await post('/predict', PASSENGER)).body['prediction'], 0.16097398111735517)
  assert.equal((await post('/models/rollback')).body['active'], own)
  assert.equal((await post('/predict', PASSENGER)).body['prediction'], PROBA)

  await post(`/models/${newer}/canary`, { share: 0.5 })
  const ids = Array.from({ length: 60 }, (_, i) => ({ id: 5000 + i, observation: PASSENGER }))
  const answers = JSON.parse((await post('/predict', ids)).text) as { id: number; proba: number }[]
  const share = answers.filter(({ proba }) => proba !== PROBA).length / 60
  assert(share > 0.2 && share < 0.8, `share ${share}`)
  const keys = answers.map(({ id }) => id)
  assert.deepEqual(
    keys,
    keys.toSorted((a, b) => a - b),
  )
  assert.equal((await post(`/models/${newer}/canary`, { share: 2 })).status, 400)
  assert.equal((await remove(`/models/${newer}/canary`))['canary'], null)

  assert.deepEqual((await post('/models/newer/shadow')).body['shadows'], [newer])
  await post('/predict', { id: 'shadowed', observation: PASSENGER })
  await post('/update', { id: 'shadowed', true_class: 1 })
  await until(async () => {
    const { rows } = await store.database.query('select proba from model_shadow_scores')
    return rows.length === 1 && (rows[0] as { proba: number }).proba === 0.16097398111735517
  })
  const [shadow] = (await get('/monitoring/data')).body['shadows'] as Record<string, unknown>[]
  assert.equal(shadow?.['version'], newer)
  assert.equal(shadow?.['n'], 1)
  assert.equal(shadow?.['mean_distance'], 0.16097398111735517 - PROBA)
  assert.deepEqual((await remove(`/models/${newer}/shadow`))['shadows'], [])
})

test('a version that is put beside the model later is taken in, and named if it cannot be served', async () => {
  await cp(join(FIXTURES, 'corpus/logreg_onehot'), join(folder, 'versions/other'), {
    recursive: true,
  })
  await mkdir(join(folder, 'versions/empty'))

  const { body } = await send('/models', {})

  assert.equal((body['added'] as string[]).length, 1)
  assert.match(String((body['left_out'] as string[])[0]), /versions\/empty is left out/)
  assert.equal((body['versions'] as unknown[]).length, 3)
})

test('without a token, only a request from this machine and no page of another site switches versions', async () => {
  const post = async (headers: Record<string, string>, on = app): Promise<number> =>
    (await on.inject({ method: 'POST', url: '/models', headers })).statusCode

  assert.equal(await post({ host: 'localhost:5000' }), 200)
  assert.equal(await post({ host: 'localhost:5000', origin: 'http://localhost:5000' }), 200)
  assert.equal(await post({ host: 'localhost:5000', origin: 'http://evil.example' }), 403)
  assert.equal(await post({ host: 'evil.example' }), 403)
  assert.equal(await post({ host: 'localhost:5000' }, appWith({ DYNO: 'web.1' })), 403)
})

async function until(test: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await test()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.fail('did not happen within two seconds')
}

test('a thousand predictions at once are all stored, each under its own row', async () => {
  const answers = await Promise.all(
    Array.from({ length: 1000 }, (_, i) =>
      send('/predict', { id: `many-${i}`, observation: PASSENGER }),
    ),
  )
  const { rows } = await store.database.query<{ count: string }>(
    "select count(*) from model_predictions where observation_id like 'many-%'",
  )

  assert(answers.every(({ status }) => status === 200))
  assert.equal(new Set(answers.map(({ body }) => body['id'])).size, 1000)
  assert.equal(rows[0]?.count, '1000')
})

test('of twenty requests for one id, one is stored and nineteen are conflicts', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => send('/predict', { id: 'contended', observation: PASSENGER })),
  )

  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.equal(answers.filter(({ status }) => status === 409).length, 19)
})

test('monitoring has the numbers behind every picture', async () => {
  const { body } = await get('/monitoring/data')
  const page = await get('/monitoring')

  assert(Number(body['rows']) > 1000)
  assert.equal((body['confusion'] as unknown[]).length, 101)
  assert.equal((body['drift'] as unknown[]).length, 8)
  assert.match(page.text, /assets\/monitoring\.js/)
  for (const script of [
    'd3.js',
    'plot.js',
    'monitoring.js',
    'cards.js',
    'format.js',
    'pictures.js',
    'tables.js',
    'try-it.js',
  ]) {
    assert.equal((await get(`/assets/${script}`)).status, 200)
  }
  assert.equal((await get('/assets/..%2Fpage.ts')).status, 404)
})

test('performance comes in windows of the calendar or of so many predictions, and says which are open', async () => {
  type Windowed = { windows: { count: number; is_partial: boolean }[]; rows: number }
  const byRows = (await get('/metrics/performance?window=500')).body as unknown as Windowed
  const byDay = (await get('/metrics/performance?window=day')).body as unknown as Windowed
  const newer = (await get('/metrics/performance?model_version=newer')).body as unknown as Windowed

  assert.deepEqual(
    byRows.windows.map(({ count }) => count).slice(0, -1),
    byRows.windows.slice(1).map(() => 500),
  )
  assert.deepEqual(
    byRows.windows.map(({ is_partial: isPartial }) => isPartial),
    byRows.windows.map((_, i) => i === byRows.windows.length - 1),
  )
  assert.equal(
    byDay.windows.reduce((sum, { count }) => sum + count, 0),
    byDay.rows,
  )
  assert.equal(byDay.windows.at(-1)?.is_partial, true)
  assert(newer.rows > 0 && newer.rows < byDay.rows)
  for (const path of ['performance?window=year', 'performance?threshold=2', 'drift?rows=0']) {
    assert.equal((await get(`/metrics/${path}`)).status, 400, path)
  }
  assert.equal((await get('/metrics/drift?model_version=unknown')).status, 404)
  assert.equal(
    ((await get('/metrics/drift?rows=50')).body['drift_rows'] as { now: number }).now,
    50,
  )
})
