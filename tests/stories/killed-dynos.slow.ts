import assert from 'node:assert/strict'
import { cp } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { PASSENGER } from '../../frameworks/model/fixtures/passenger.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { dynoPid } from './deaths.ts'
import { eventually, startPlatform, type TestPlatform } from './platform.ts'

/** kill -9 of web dynos and of PostgreSQL while participants save and predictions are recorded. */
let platform: TestPlatform
let agent: Agent

const root = join(import.meta.dirname, '../..')
const PARTICIPANTS = 20
const CLIENTS = 16
/** How many predictions, each with its outcome. */
const ROWS = Number(process.env['ROWS'] ?? 100_000)

before(async () => {
  platform = await startPlatform()
  agent = new Agent({ keepAlive: true, maxSockets: Math.max(PARTICIPANTS, CLIENTS) })
})
after(async () => {
  agent?.destroy()
  await platform?.stop()
})

test('a web dyno is killed during saves: every acknowledged save is there', async () => {
  const folder = join(platform.folder, 'psiturk-example')
  const bin = join(root, 'frameworks/experiment/bin')
  await platform.sh(`'${bin}/psiturk-setup-example'`)
  const type = (line: string): Promise<string> => platform.sh(line, { cwd: folder })
  await type(`git init -qb master && heroku create study && '${bin}/psiturk-heroku-config'`)
  await type('heroku addons:create heroku-postgresql --wait')
  await type('heroku config:set PSITURK_REQUIRE_TOKEN=false')
  await type('git add . && git commit -qm First && git push heroku master')
  await served('study', '/')
  const acknowledged = new Map<string, number>()
  const stopping = new AbortController()
  const participants = Array.from({ length: PARTICIPANTS }, (_, i) =>
    save(i, acknowledged, stopping.signal),
  )

  for (let kill = 0; kill < 3; kill++) {
    await sleep(3000)
    await killDyno('psiturk.ts serve')
    await served('study', '/')
  }
  stopping.abort()
  await Promise.all(participants)

  const counts = await psql<{ id: string; saves: number; last: number }>(
    'study',
    `select s.uniqueid as id, count(*) as saves, max((a.datastring::json ->> 'n')::int) as last
     from experiment_saves s join assignments a using (uniqueid) group by 1`,
  )
  const total = [...acknowledged.values()].reduce((sum, saves) => sum + saves, 0)
  assert.ok(total > 1000, `only ${total} saves`)
  assert.equal(counts.length, PARTICIPANTS)
  for (const { id, saves, last } of counts) {
    // What was stored but not acknowledged, since its answer was lost, may be there as well.
    assert.ok(saves >= (acknowledged.get(id) ?? Infinity), `${id}: ${saves} of them`)
    assert.ok(last >= (acknowledged.get(id) ?? Infinity), `${id}: the document is save ${last}`)
  }
})

test(`dyno and database are killed during ${ROWS} predictions with outcomes: all are stored once`, async () => {
  const folder = join(platform.folder, 'titanic')
  await cp(join(root, 'frameworks/model/fixtures/titanic-seed/2017'), folder, { recursive: true })
  const type = (line: string): Promise<string> => platform.sh(line, { cwd: folder })
  await type('git init -qb master && git add . && git commit -qm First && heroku create titanic')
  await type('heroku addons:create heroku-postgresql --wait && git push heroku master')
  await served('titanic', '/healthz')
  let next = 0
  const client = async (): Promise<void> => {
    for (let id = next++; id < ROWS; id = next++) {
      await insist('/predict', { id, observation: PASSENGER }, [200, 409])
      await insist('/update', { id, true_class: id % 2 }, [200])
    }
  }
  const kills = (async () => {
    for (let kill = 1; kill <= 4; kill++) {
      await eventually(async () => (next >= (ROWS * kill) / 5 ? true : undefined), 30 * 60_000)
      if (kill % 2 === 1) await killDyno('model-server.ts')
      else process.kill((await platform.status()).postgres.pid, 'SIGKILL')
    }
  })()

  await Promise.all([kills, ...Array.from({ length: CLIENTS }, client)])

  const [counted] = await psql<Record<string, number>>(
    'titanic',
    `select count(*) as stored, count(distinct observation_id) as ids, count(true_class) as labelled
     from model_predictions`,
  )
  assert.deepEqual(counted, { stored: ROWS, ids: ROWS, labelled: ROWS })
})

const served = (app: string, path: string): Promise<true> =>
  eventually(async () => ((await send(app, 'GET', path)) === 200 ? true : undefined), 120_000)

/** Saves again and again, and counts what was acknowledged. */
async function save(
  number: number,
  acknowledged: Map<string, number>,
  signal: AbortSignal,
): Promise<void> {
  const [worker, uniqueId] = [`W${number}`, `W${number}:A${number}`]
  const address = `/exp?workerId=${worker}&assignmentId=A${number}&hitId=H&mode=live`
  while ((await send('study', 'GET', address)) !== 200) await sleep(50)
  for (let n = 1; !signal.aborted;) {
    const document = { n, data: Array.from({ length: n % 50 }, (_, i) => ({ i })) }
    const status = await send('study', 'PUT', `/sync/${encodeURIComponent(uniqueId)}`, document)
    if (status === 200) acknowledged.set(uniqueId, n++)
    else await sleep(50)
  }
}

/** Sends until the answer says that the row is there: stored now, or before an answer that was lost. */
async function insist(path: string, body: object, done: readonly number[]): Promise<void> {
  for (let attempt = 0; attempt < 4000; attempt++) {
    if (done.includes(await send('titanic', 'POST', path, body))) return
    await sleep(50)
  }
  assert.fail(`${path} was never acknowledged`)
}

/** @returns the status, 0 if there was no answer */
function send(app: string, method: string, path: string, body?: object): Promise<number> {
  const { port } = platform
  const headers = { host: `${app}.localhost:${port}`, 'content-type': 'application/json' }
  return new Promise((resolve) => {
    const call = request({ agent, port, host: '127.0.0.1', method, path, headers }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
      response.on('error', () => resolve(0))
    })
    call.on('error', () => resolve(0))
    call.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

async function killDyno(command: string): Promise<void> {
  process.kill(await eventually(() => dynoPid(platform, command)), 'SIGKILL')
}

/** What a statement finds in the database of an app. */
async function psql<Row>(app: string, sql: string): Promise<Row[]> {
  const line = sql.replaceAll(/\s+/g, ' ')
  const printed = await platform.sh(
    `psql "$(heroku config:get DATABASE_URL -a ${app})" -Atc "select json_agg(r) from (${line}) r"`,
  )
  return JSON.parse(printed) as Row[]
}
