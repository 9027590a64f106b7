import assert from 'node:assert/strict'
import { cp } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { PASSENGER } from '../../frameworks/model/fixtures/passenger.ts'
import {
  checkOutExample,
  checkOutFixture,
  eventually,
  freePort,
  startPlatform,
} from './platform.ts'
import type { TestPlatform } from './platform.ts'

/** Walk 4: the scikit-learn document on hokku, with its own model and in its own Python. */
let platform: TestPlatform
let folder: string
const root = join(import.meta.dirname, '../..')

before(async () => {
  platform = await startPlatform()
  folder = join(platform.folder, 'titanic')
  await cp(join(root, 'frameworks/model/fixtures/titanic-seed/2017'), folder, { recursive: true })
})

after(async () => await platform?.stop())

const type = (line: string, cwd = folder): Promise<string> => platform.sh(line, { cwd })

/** The document's curl: a POST of JSON to an app. */
async function post(app: string, path: string, body?: unknown): Promise<Answer> {
  const host = `${app}.localhost:${platform.port}`
  const json = body === undefined ? '' : `-d '${JSON.stringify(body)}'`
  const printed = await platform.sh(
    `curl -s -w '\\n%{http_code}' --resolve '${host}:127.0.0.1' -X POST http://${host}${path} ${json} -H "Content-Type:application/json"`,
  )
  const end = printed.lastIndexOf('\n')
  return { status: Number(printed.slice(end + 1)), body: parse(printed.slice(0, end)) }
}
type Answer = { status: number; body: unknown }

/** An app that is not up yet answers with a page. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The answer of an app that is coming up; what the app logged says why there is none. */
const answered = (app: string, path: string, body?: unknown): Promise<unknown> =>
  eventually(async () => {
    const answer = await post(app, path, body)
    return answer.status === 200 ? answer.body : undefined
  }, 120_000).catch(async (cause: unknown) => {
    throw new Error(await type(`heroku logs -n 60 -a ${app}`), { cause })
  })

const rows = async (): Promise<unknown> =>
  JSON.parse((await platform.get('titanic', '/list-db-contents')).text)

const row = {
  id: 1,
  observation_id: 0,
  predicted_class: false,
  proba: 0.09264179297127445,
  true_class: null,
}

test('the first two stages of the document answer as printed there', async () => {
  const stub = await checkOutExample(platform, 'predict-stub')
  await type('heroku create stub', stub)
  await type('git push heroku main', stub)

  assert.deepEqual(await answered('stub', '/predict'), { prediction: 0.5 })
  for (const unemployed of [true, false]) {
    const { body } = await post('stub', '/predict', { unemployed })
    assert.deepEqual(body, { prediction: unemployed })
  }
})

test('in its folder, the model answers at a port of this machine as the document prints it', async () => {
  const port = await freePort()
  const local = platform.background(`PORT=${port} model-server`, { cwd: folder })
  await local.until(new RegExp(`is served at http://127\\.0\\.0\\.1:${port}`), 60_000)
  const ask = async (path: string, body: unknown): Promise<unknown> =>
    JSON.parse(
      await type(
        `curl -s -X POST http://localhost:${port}${path} -d '${JSON.stringify(body)}' -H "Content-Type:application/json"`,
      ),
    )

  assert.deepEqual(await ask('/predict', PASSENGER), { prediction: row.proba })
  assert.deepEqual(await ask('/predict', { id: 0, observation: PASSENGER }), row)
  assert.deepEqual(pick([await ask('/update', { id: 0, true_class: 1 })]), [
    { ...row, true_class: 1 },
  ])
  await local.stop()
})

test('the first push brings the database, and the model gives the number of the document', async () => {
  await type('git init -b master && git add . && git commit -m "The model"')
  await type('heroku create titanic')

  const printed = await type('git push heroku master')

  assert.match(printed, /scikit-learn model app detected[^]*Add-on: heroku-postgresql/)
  const tail = platform.background('heroku logs --tail', { cwd: folder })
  await tail.until(/heroku\[web\.1\]: State changed from starting to up/, 180_000)
  await tail.stop()
  assert.deepEqual(await answered('titanic', '/predict', PASSENGER), {
    prediction: 0.09264179297127445,
  })
})

test('an observation with an id is predicted once and kept', async () => {
  const first = await post('titanic', '/predict', { id: 0, observation: PASSENGER })
  const again = await post('titanic', '/predict', {
    id: 0,
    observation: { ...PASSENGER, Sex: 'female' },
  })

  assert.deepEqual(first, { status: 200, body: row })
  assert.equal(again.status, 409)
  assert.match(JSON.stringify(again.body), /conflict/)
  assert.deepEqual(pick(await rows()), [row])
})

test('the true outcome is kept; of an unknown id it is refused', async () => {
  const known = await post('titanic', '/update', { id: 0, true_class: 1 })
  const unknown = await post('titanic', '/update', { id: 'nobody', true_class: 1 })

  assert.equal(known.status, 200)
  assert.deepEqual(pick([known.body]), [{ ...row, true_class: 1 }])
  assert.equal(unknown.status, 404)
  assert.match(JSON.stringify(unknown.body), /nobody/)
})

test('the pages of the model are there, with all that they draw with', async () => {
  const status = async (path: string): Promise<number> =>
    (await platform.get('titanic', path)).status

  for (const page of ['/docs', '/monitoring', '/monitoring/data']) {
    assert.equal(await status(page), 200, page)
  }
  for (const script of ['d3', 'plot', 'monitoring', 'try-it']) {
    assert.equal(await status(`/assets/${script}.js`), 200, script)
  }
})

test('predictions and outcomes survive heroku ps:restart', async () => {
  const shown = platform.background('heroku ps:restart && heroku logs --tail', { cwd: folder })
  await shown.until(/Restarting[^]*State changed from starting to up/, 120_000)
  await shown.stop()

  const kept = await eventually(async () => await rows().catch(() => undefined))

  assert.deepEqual(pick(kept), [{ ...row, true_class: 1 }])
  assert.match(
    await type(`heroku pg:psql -c 'select count(*) as predictions from model_predictions'`),
    /predictions\s+-+\s+1\s/,
  )
})

test('the Python original with its pickles, by pip and gunicorn, answers what the model server does', async () => {
  const original = await checkOutFixture(platform, 'flask-model')
  for (const file of ['pipeline.pickle', 'columns.json', 'dtypes.pickle']) {
    await cp(join(root, 'examples/titanic-model', file), join(original, file))
  }
  await type('git add . && git commit -m "The model" && git branch -m master', original)
  await type('heroku create original', original)
  await type('heroku addons:create heroku-postgresql --wait', original)

  const printed = await type('git push heroku master', original)

  assert.match(printed, /Python app detected/)
  // Flask's own page: it has loaded the model. A prediction that timed out could not be asked for again.
  await eventually(
    async () => ((await platform.get('original')).status === 404 ? true : undefined),
    120_000,
  )
  const asked = { id: 0, observation: FIRST_OF_THE_EXAMPLE.observation }
  const { proba } = (await answered('original', '/predict', asked)) as { proba: number }
  assert.ok(Math.abs(proba - FIRST_OF_THE_EXAMPLE.proba) < 1e-9, `${proba}`)
  assert.equal((await post('original', '/predict', asked)).status, 409)
  await type('heroku ps:restart', original)
  assert.deepEqual(await answered('original', '/update', { id: 0, true_class: 1 }), {
    observation_id: 0,
    true_class: 1,
  })
})

/** `examples/titanic-model`: the first of requests.json, and what scikit-learn 1.2.1 answered. */
const FIRST_OF_THE_EXAMPLE = {
  observation: {
    Pclass: 3,
    Sex: 'female',
    Age: 22.5,
    SibSp: 1,
    Parch: 0,
    Fare: 7.07,
    Cabin: null,
    Embarked: 'S',
  },
  proba: 0.5573375306616568,
}

test("the document's bare app.py is stopped with R10 that names port 5000", async (t) => {
  if (await isTaken(5000)) return t.skip('another program of this machine listens on port 5000')
  const bare = await checkOutFixture(platform, 'flask-bare')
  await type('heroku create bare', bare)
  const tail = platform.background('heroku logs --tail -a bare', { cwd: bare })

  await platform.attempt('git push heroku main', { cwd: bare })

  await tail.until(
    /heroku\[web\.1\]: Error R10 \(Boot timeout\) -> Web process failed to bind to \$PORT within 60 seconds of launch \(it bound port 5000 instead of \d+\)/,
    120_000,
  )
  await tail.stop()
})

/** Of each row what the document shows. */
function pick(list: unknown): unknown[] {
  return (list as (typeof row)[]).map((one) => ({
    id: one.id,
    observation_id: one.observation_id,
    predicted_class: one.predicted_class,
    proba: one.proba,
    true_class: one.true_class,
  }))
}

const isTaken = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy())
  })
