import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PASSENGER, PROBA } from '../fixtures/passenger.ts'
import { FIXTURES, parse, startTrial, type Trial } from '../testing.ts'

const TOKEN = 'a-token-of-sixteen'

let trial: Trial
let send: Trial['send']
let get: Trial['get']

before(async () => {
  trial = await startTrial()
  ;({ send, get } = trial)
})

after(() => trial.stop())

test('with a token set, clients without it get nothing but the health check', async () => {
  const guarded = trial.appWith({ MODEL_TOKEN: TOKEN })

  const anonymous = await send('/predict', PASSENGER, { on: guarded })
  const wrong = await send('/predict', PASSENGER, { on: guarded, token: `${TOKEN}!` })
  const owner = await send('/predict', PASSENGER, { on: guarded, token: TOKEN })
  const health = await guarded.inject({ url: '/healthz' })

  assert.deepEqual(
    [anonymous.status, wrong.status, owner.status, health.statusCode],
    [401, 401, 200, 200],
  )
})

test('versions are switched, rolled back, shadowed and tried on a share of ids without a restart', async () => {
  const guarded = trial.appWith({ MODEL_TOKEN: TOKEN })
  const post = (path: string, body: unknown = {}) => send(path, body, { on: guarded, token: TOKEN })
  const remove = async (url: string): Promise<Record<string, unknown>> => {
    const headers = { authorization: `Bearer ${TOKEN}` }
    return parse((await guarded.inject({ method: 'DELETE', url, headers })).body)
  }
  const [own, newer] = trial.registry.all().map((bundle) => bundle.version)

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
    const { rows } = await trial.store.database.query('select proba from model_shadow_scores')
    return rows.length === 1 && (rows[0] as { proba: number }).proba === 0.16097398111735517
  })
  const [shadow] = (await get('/monitoring/data')).body['shadows'] as Record<string, unknown>[]
  assert.equal(shadow?.['version'], newer)
  assert.equal(shadow?.['n'], 1)
  assert.equal(shadow?.['mean_distance'], 0.16097398111735517 - PROBA)
  assert.deepEqual((await remove(`/models/${newer}/shadow`))['shadows'], [])
})

test('a version that is put beside the model later is taken in, and named if it cannot be served', async () => {
  await cp(join(FIXTURES, 'corpus/logreg_onehot'), join(trial.folder, 'versions/other'), {
    recursive: true,
  })
  await mkdir(join(trial.folder, 'versions/empty'))

  const { body } = await send('/models', {})

  assert.equal((body['added'] as string[]).length, 1)
  assert.match(String((body['left_out'] as string[])[0]), /versions\/empty is left out/)
  assert.equal((body['versions'] as unknown[]).length, 3)
})

test('without a token, only a request from this machine and no page of another site switches versions', async () => {
  const post = async (headers: Record<string, string>, on = trial.app): Promise<number> =>
    (await on.inject({ method: 'POST', url: '/models', headers })).statusCode

  assert.equal(await post({ host: 'localhost:5000' }), 200)
  assert.equal(await post({ host: 'localhost:5000', origin: 'http://localhost:5000' }), 200)
  assert.equal(await post({ host: 'localhost:5000', origin: 'http://evil.example' }), 403)
  assert.equal(await post({ host: 'evil.example' }), 403)
  assert.equal(await post({ host: 'localhost:5000' }, trial.appWith({ DYNO: 'web.1' })), 403)
})

async function until(test: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await test()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.fail('did not happen within two seconds')
}
