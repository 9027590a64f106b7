import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PASSENGER, PROBA } from '../fixtures/passenger.ts'
import { parse, startTrial, type Trial } from '../testing.ts'

let trial: Trial
let send: Trial['send']

before(async () => {
  trial = await startTrial()
  send = trial.send
})

after(() => trial.stop())

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
  const answers = text.trim().split('\n').map(parse)

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
  const answers = text.trim().split('\n').map(parse)

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

  assert.equal(answers.length, 1600)
  assert.equal(new Set(answers.map((answer) => answer['id'])).size, 400)
  assert.ok(answers.every((answer) => answer['code'] === undefined))
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

test('a thousand predictions at once are all stored, each under its own row', async () => {
  const answers = await Promise.all(
    Array.from({ length: 1000 }, (_, i) =>
      send('/predict', { id: `many-${i}`, observation: PASSENGER }),
    ),
  )
  const { rows } = await trial.store.database.query<{ count: string }>(
    "select count(*) from model_predictions where observation_id like 'many-%'",
  )

  assert(answers.every(({ status }) => status === 200))
  assert.equal(new Set(answers.map(({ body }) => body['id'])).size, 1000)
  assert.equal(rows[0]?.count, '1000')
})

test('of twenty observations for one id, one is stored and nineteen are conflicts', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      send('/predict', { id: 'contended', observation: { ...PASSENGER, Fare: i } }),
    ),
  )

  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.equal(answers.filter(({ status }) => status === 409).length, 19)
})
