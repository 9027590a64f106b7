import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { table } from '@hokku/kit/command-line'
import { openPool } from '@hokku/postgres'
import { createTestDatabase } from '@hokku/postgres/testing'

const HERE = import.meta.dirname
const ROUNDS = Number(process.env['ROUNDS'] ?? 3)
const SECONDS = Number(process.env['SECONDS'] ?? 4)
const CONNECTIONS = [1, 8, 64]

type Load = { requests: number; seconds: number; p50: number; p99: number; errors: number }

/**
 * POST /predict with storing: the same bodies, each with its own id, to both servers in
 * turn, on one PostgreSQL that has every commit on the disk. What is idle meanwhile costs nothing,
 * and what else happens on the machine happens to both.
 */
export async function compareServers(python: string, model: string): Promise<void> {
  await using database = await createTestDatabase({ durable: true })
  const env = { DATABASE_URL: database.url, MODEL: model, OMP_NUM_THREADS: '1' }
  const flask = await start(
    python,
    ['-m', 'gunicorn', '-w', '2', '--log-level', 'error', '-b', '127.0.0.1:PORT', 'app:app'],
    join(HERE, 'peer'),
    env,
  )
  const own = await start(
    join(HERE, '../../frameworks/model/bin/model-server'),
    ['--port', 'PORT'],
    model,
    env,
  )
  const body = firstObservation(model)
  const ask = loader(body)
  for (const { port } of [flask, own]) ask(port, 8, 2)
  const rows = [
    ['connections', 'Flask req/s', 'p50 ms', 'p99 ms', 'ours req/s', 'p50 ms', 'p99 ms', 'ratio'],
  ]
  for (const connections of CONNECTIONS) {
    const runs = Array.from({ length: ROUNDS }, () => [
      ask(flask.port, connections, SECONDS),
      ask(own.port, connections, SECONDS),
    ])
    const [theirs, ours] = [0, 1].map((server) => median(runs.map((run) => run[server]!)))
    const ratio = rateOf(ours!) / rateOf(theirs!)
    rows.push([String(connections), ...cells(theirs!), ...cells(ours!), `${ratio.toFixed(0)} ×`])
    const errors = runs.flat().reduce((sum, run) => sum + run.errors, 0)
    if (errors > 0) console.log(`${errors} errors at ${connections} connections`)
  }
  await Promise.all([stop(flask.process), stop(own.process)])
  const bound = await measureBound(database.url, body)
  console.log(
    `POST /predict with storing, medians of ${ROUNDS} runs of ${SECONDS} s in turn\n${table(rows)}\n` +
      `the rows of 8 connections through the driver alone, without HTTP and without a model: ${bound.toFixed(0)} rows/s\n`,
  )
}

/**
 * What eight connections that wait for their answers could get from a server that takes no time at
 * all: their rows committed through the driver alone, in one statement or in several at once.
 *
 * @returns rows a second of the quickest way
 */
async function measureBound(databaseUrl: string, body: string): Promise<number> {
  const rates: number[] = []
  for (const statements of [1, 2, 4, 8]) {
    // oxlint-disable-next-line no-await-in-loop -- one measurement at a time
    rates.push(await commitRate(databaseUrl, body, statements))
  }
  return Math.max(...rates)
}

async function commitRate(databaseUrl: string, body: string, statements: number): Promise<number> {
  const pool = openPool(databaseUrl, { max: statements })
  let next = 0
  const commitFor = async (seconds: number): Promise<number> => {
    const until = performance.now() + seconds * 1000
    const first = next
    const lane = async (): Promise<void> => {
      while (performance.now() < until) {
        const ids = Array.from({ length: 8 / statements }, () => `${statements} ${next++}`)
        // oxlint-disable-next-line no-await-in-loop -- one commit after the other is what is measured
        await pool.query({ name: 'bound', text: INSERT, values: [ids, ids.map(() => body)] })
      }
    }
    await Promise.all(Array.from({ length: statements }, lane))
    return (next - first) / seconds
  }
  await commitFor(1) // warms the compiler up
  const rate = await commitFor(SECONDS)
  await pool.end()
  return rate
}

const INSERT = `insert into model_predictions
    (observation_id, id_is_integer, raw, predicted, model_version, source, latency_us)
  select observation_id, false, raw, 'true', 'bound', 'web', 0
  from unnest($1::text[], $2::text[]) as new (observation_id, raw)
  on conflict (observation_id) do nothing returning id`

const firstObservation = (model: string): string => {
  const requests: unknown = JSON.parse(readFileSync(join(model, 'requests.json'), 'utf8'))
  return JSON.stringify((requests as { observation: unknown }[])[0]?.observation)
}

/** wrk, with ids that were never used before. */
function loader(observation: string) {
  let firstId = 0
  return (port: number, connections: number, seconds: number): Load => {
    firstId += 10_000_000
    const env = { ...process.env, OBSERVATION: observation, FIRST_ID: String(firstId) }
    const script = join(HERE, 'predict.lua')
    const args = ['-t1', `-c${connections}`, `-d${seconds}`, '--timeout', '10', '-s', script]
    const { stdout } = spawnSync('wrk', [...args, `http://127.0.0.1:${port}`], {
      env,
      encoding: 'utf8',
    })
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as Load
  }
}

const rateOf = ({ requests, seconds }: Load): number => requests / seconds

/** The run with the median rate. */
function median(runs: readonly Load[]): Load {
  return runs.toSorted((a, b) => rateOf(a) - rateOf(b))[runs.length >> 1]!
}

const cells = (load: Load): string[] => [
  rateOf(load).toFixed(0),
  load.p50.toFixed(1),
  load.p99.toFixed(1),
]

async function start(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<{ process: ChildProcess; port: number }> {
  const port = await freePort()
  const child = spawn(
    program,
    args.map((arg) => arg.replace('PORT', String(port))),
    { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  for (let i = 0; i < 300; i++) {
    if (await answers(port)) return { process: child, port }
    await sleep(100)
  }
  throw new Error(`${program} did not answer`)
}

function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/nothing`).then(
    () => true,
    () => false,
  )
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        resolve(typeof address === 'object' && address !== null ? address.port : 0),
      )
    })
  })
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}
