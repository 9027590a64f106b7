import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openPool, startEmbedded, stopEmbedded } from '@hokku/postgres'

/** How many predictions, each with its outcome, are sent while things are killed. */
const ROWS = Number(process.env['ROWS'] ?? 100_000)
const CLIENTS = 16
const program = join(import.meta.dirname, '../bin/model-server')
const model = join(import.meta.dirname, '../fixtures/titanic-seed/2017')
const OBSERVATION =
  '{"Age": 22.0, "Cabin": null, "Embarked": "S", "Fare": 7.25, "Parch": 0, "Pclass": 3, "Sex": "male", "SibSp": 1}'

test(`of ${ROWS} predictions with outcomes none that was acknowledged is lost when server and database are killed`, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'model-death-'))
  const database = await startEmbedded({ directory })
  let server = await startServer(database.adminUrl)
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS })
  let next = 0
  let refusals = 0
  /** Sends until the answer says that the row is there: stored now, or before a lost answer. */
  const insist = async (path: string, body: string, done: readonly number[]): Promise<void> => {
    for (let attempt = 0; attempt < 2000; attempt++) {
      const status = await post(agent, server.port, path, body)
      if (done.includes(status)) return
      refusals += 1
      await sleep(50)
    }
    assert.fail(`${path} was never acknowledged`)
  }
  const client = async (): Promise<void> => {
    for (let id = next++; id < ROWS; id = next++) {
      await insist('/predict', `{"id": ${id}, "observation": ${OBSERVATION}}`, [200, 409])
      await insist('/update', `{"id": ${id}, "true_class": ${id % 2}}`, [200])
    }
  }
  const kills = (async () => {
    for (let kill = 1; kill <= 4; kill++) {
      while (next < (ROWS * kill) / 5) await sleep(20)
      if (kill % 2 === 1) {
        server.process.kill('SIGKILL')
        server = await startServer(database.adminUrl)
      } else {
        process.kill(await postmasterPid(directory), 'SIGKILL')
        await sleep(500)
        const again = await startEmbedded({ directory })
        assert.equal(again.port, database.port)
      }
    }
  })()

  await Promise.all([kills, ...Array.from({ length: CLIENTS }, client)])

  const pool = openPool(database.adminUrl, { max: 1 })
  const { rows } = await pool.query<{ rows: string; right: string; least: number; most: number }>(
    `select count(*) as rows, count(*) filter (where true_class = (observation_id::int % 2)::text) as right,
       min(observation_id::int) as least, max(observation_id::int) as most from model_predictions`,
  )
  await pool.end()
  server.process.kill('SIGTERM')
  agent.destroy()
  await stopEmbedded({ directory })
  await rm(directory, { recursive: true, force: true })
  assert.deepEqual(rows[0], { rows: String(ROWS), right: String(ROWS), least: 0, most: ROWS - 1 })
  assert(refusals > 0, 'the kills were noticed')
})

async function startServer(url: string): Promise<{ process: ChildProcess; port: number }> {
  const env = { PATH: process.env['PATH'], PORT: '0', DATABASE_URL: url }
  const child = spawn(program, [model], { env, stdio: ['ignore', 'pipe', 'ignore'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  child.stdout.resume()
  return { process: child, port: Number(/:(\d+)\s/.exec(String(line))?.[1]) }
}

async function postmasterPid(directory: string): Promise<number> {
  for (const place of ['data/postmaster.pid', 'postmaster.pid']) {
    const text = await readFile(join(directory, place), 'utf8').catch(() => undefined)
    if (text !== undefined) return Number(text.split('\n')[0])
  }
  throw new Error('the database has no postmaster.pid')
}

function post(agent: Agent, port: number, path: string, body: string): Promise<number> {
  return new Promise((resolve) => {
    const sent = request(
      {
        agent,
        host: '127.0.0.1',
        port,
        path,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        timeout: 15_000,
      },
      (answer) => {
        answer.resume()
        answer.once('end', () => resolve(answer.statusCode ?? 0))
        answer.once('error', () => resolve(0))
      },
    )
    sent.once('error', () => resolve(0))
    sent.once('timeout', () => sent.destroy())
    sent.end(body)
  })
}
