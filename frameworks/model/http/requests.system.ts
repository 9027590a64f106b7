import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PASSENGER, PROBA } from '../fixtures/passenger.ts'
import { startTrial, type Trial } from '../testing.ts'

let trial: Trial
let send: Trial['send']
let get: Trial['get']

before(async () => {
  trial = await startTrial()
  ;({ send, get } = trial)
})

after(() => trial.stop())

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

test('an id may lie beside the columns, or the columns in data', async () => {
  const flat = await send('/predict', { observation_id: 'flat', ...PASSENGER })
  const own = await send('/predict', { admission_id: 7, ...PASSENGER })
  const data = await send('/predict', { observation_id: 'in data', data: PASSENGER })

  for (const [{ status, body }, id] of [
    [flat, 'flat'],
    [own, 7],
    [data, 'in data'],
  ] as const) {
    assert.equal(status, 200)
    assert.equal(body['observation_id'], id)
    assert.equal(body['proba'], PROBA)
  }
})

test('values in the order of the columns are an observation', async () => {
  const columns = Object.keys((await get('/schema')).body['properties'] ?? {})
  const passenger: Record<string, unknown> = PASSENGER
  const row = columns.map((name) => passenger[name])

  const bodies = [row, { features: row }, [row], { instances: [row] }, { inputs: [row] }]
  const answers = await Promise.all(bodies.map(async (body) => await send('/predict', body)))
  const short = await send('/predict', { features: [1, 2] })

  assert.deepEqual(
    answers.map(({ body }) => body),
    [
      { prediction: PROBA },
      { prediction: PROBA },
      [{ prediction: PROBA }],
      { predictions: [0] },
      { predictions: [0] },
    ],
  )
  assert.equal(short.status, 400)
  assert.match(String(short.body['error']), /has 2 values; the model takes 8: Pclass/)
})

test('clients of MLflow get the answers of its servers', async () => {
  const header = Object.keys(PASSENGER).join(',')
  const line = Object.values(PASSENGER).join(',')
  const csv = await trial.app.inject({
    method: 'POST',
    url: '/invocations',
    headers: { 'content-type': 'text/csv' },
    payload: `${header}\n${line}\n${line}\n`,
  })
  const lists = Object.fromEntries(Object.entries(PASSENGER).map(([key, value]) => [key, [value]]))
  const inputs = await send('/invocations', { inputs: lists })
  const records = await send('/invocations', { dataframe_records: [PASSENGER] })
  const both = await send('/predict', { dataframe_records: [PASSENGER], instances: [PASSENGER] })

  assert.deepEqual(JSON.parse(csv.body), { predictions: [0, 0] })
  assert.deepEqual(inputs.body, { predictions: [0] })
  assert.deepEqual(records.body, { predictions: [0] })
  assert.equal(both.status, 400)
  assert.match(String(both.body['error']), /dataframe_records and instances: send one of them/)
  assert.deepEqual((await get('/ping')).body, { status: 'ok' })
})

test('a parameter that means nothing is refused by its name', async () => {
  const maybe = await send('/predict?strict=maybe', PASSENGER)
  const other = await send('/predict?explain=1', PASSENGER)

  assert.equal(maybe.status, 400)
  assert.match(String(maybe.body['error']), /strict/)
  assert.equal(other.status, 400)
  assert.match(String(other.body['error']), /explain/)
})

test('an integer beyond 2^53 in a text column takes no page down', async () => {
  const observation = { ...PASSENGER, Embarked: [9007199254740993n] }
  const body = `{"id":"huge","observation":${JSON.stringify(observation, (_key, item: unknown) => (typeof item === 'bigint' ? JSON.rawJSON(String(item)) : item))}}`
  const post = (url: string) =>
    trial.app.inject({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      payload: body,
    })

  assert.equal((await post('/predict')).statusCode, 422)
  assert.equal((await post('/predict?strict=0')).statusCode, 200)
  assert.equal((await get('/metrics/drift')).status, 200)
  assert.equal((await get('/monitoring/data')).status, 200)
})

test('a body that is not JSON by its header is refused with the header’s name', async () => {
  const { status, body } = await send('/predict', 'a=1', {
    type: 'application/x-www-form-urlencoded',
  })

  assert.equal(status, 415)
  assert.match(String(body['error']), /Content-Type/)
})

test('a packed body, and another method than POST, are refused by name', async () => {
  const packed = await trial.app.inject({
    method: 'POST',
    url: '/predict',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: 'x',
  })
  const read = await trial.app.inject({ url: '/predict' })

  assert.equal(packed.statusCode, 415)
  assert.match(packed.body, /Content-Encoding/)
  assert.equal(read.statusCode, 405)
  assert.equal(read.headers['allow'], 'POST')
})

test('a mark of the byte order before JSON is not a fault', async () => {
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
