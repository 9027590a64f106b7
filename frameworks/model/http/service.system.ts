import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PASSENGER, PROBA } from '../fixtures/passenger.ts'
import { parse, startTrial, type Trial } from '../testing.ts'

let trial: Trial
let send: Trial['send']
let get: Trial['get']

before(async () => {
  trial = await startTrial()
  ;({ send, get } = trial)
})

after(() => trial.stop())

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

test('the same request again gets the stored answer, as after a lost connection', async () => {
  const again = await send('/predict', { id: 0, observation: PASSENGER })
  const batch = await send('/predict', [{ id: 0, observation: PASSENGER }])

  assert.deepEqual([again.status, batch.status], [200, 200])
  assert.equal(again.body['id'], 1)
  assert.equal(again.body['proba'], PROBA)
})

test('the same id for another observation is a conflict and overwrites nothing', async () => {
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

test('an outcome for an unknown id, and one that is not a class, are refused', async () => {
  const unknown = await send('/update', { id: 'nobody', true_class: 1 })
  const other = await send('/update', { id: 0, true_class: 4 })

  assert.equal(unknown.status, 404)
  assert.equal(unknown.body['error'], 'Observation ID: "nobody" does not exist')
  assert.equal(other.status, 422)
  assert.deepEqual(other.body['allowed'], [0, 1])
})

test('old clients can have failures with status 200', async () => {
  const { status, body } = await send(
    '/update',
    { id: 'nobody', true_class: 1 },
    { on: trial.appWith({ MODEL_ERRORS_AS_200: '1' }) },
  )

  assert.equal(status, 200)
  assert.equal(body['error'], 'Observation ID: "nobody" does not exist')
})

test('rows are listed in order, a page at a time', async () => {
  const more = [1, 2, 3].map((id) => ({ id, observation: PASSENGER }))
  await send('/predict', more)
  const first = await trial.app.inject({ url: '/list-db-contents?limit=2' })
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
  const lines = (await get('/export.jsonl?labelled=1')).text.trim().split('\n').map(parse)

  assert.match(csv, /^Pclass,Sex,Age,SibSp,Parch,Fare,Cabin,Embarked,observation_id,proba,/)
  assert.match(csv, /3,"a,""b""",22,1,0,7.25,'=1\+1,S,formula,/)
  assert.equal(lines.length, 1)
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
      (url) =>
        trial.app.hasRoute({ url, method: 'GET' }) || trial.app.hasRoute({ url, method: 'POST' }),
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
