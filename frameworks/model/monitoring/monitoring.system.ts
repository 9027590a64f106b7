import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PASSENGER } from '../fixtures/passenger.ts'
import { startTrial, type Trial } from '../testing.ts'

const ROWS = 1200

let trial: Trial
let send: Trial['send']
let get: Trial['get']

before(async () => {
  trial = await startTrial()
  ;({ send, get } = trial)
  const ids = Array.from({ length: ROWS }, (_, id) => id)
  const observations = ids.map((id) => ({ id, observation: { ...PASSENGER, Age: id % 80 } }))
  await send('/predict', observations)
  await send(
    '/update',
    ids.filter((id) => id % 2 === 0).map((id) => ({ id, true_class: Number(id % 3 === 0) })),
  )
  await send('/models/newer/activate', {})
  await send('/predict', { id: 'newer', observation: PASSENGER })
})

after(() => trial.stop())

test('monitoring has the numbers behind every picture', async () => {
  const { body } = await get('/monitoring/data')
  const page = await get('/monitoring')

  assert.equal(body['rows'], ROWS + 1)
  assert.equal(body['labelled'], ROWS / 2)
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
  assert.equal(newer.rows, 1)
  for (const path of ['performance?window=year', 'performance?threshold=2', 'drift?rows=0']) {
    assert.equal((await get(`/metrics/${path}`)).status, 400, path)
  }
  assert.equal((await get('/metrics/drift?model_version=unknown')).status, 404)
  assert.equal(
    ((await get('/metrics/drift?rows=50')).body['drift_rows'] as { now: number }).now,
    50,
  )
})
