import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadFolder, scoreAll, type Observation } from '@hokku/model'
import { table } from '@hokku/kit/command-line'
import { createTestDatabase } from '@hokku/kit/postgres/testing'

/**
 * `PYTHON=/path/to/python node bench/model/main.ts`: model-server beside Flask, gunicorn and
 * scikit-learn, on the same PostgreSQL with every commit on the disk. The Python needs
 * scikit-learn 1.2, flask, gunicorn and psycopg2 (Debian: python3-sklearn python3-flask gunicorn
 * python3-psycopg2); the load comes from wrk.
 */
const HERE = import.meta.dirname
const CORPUS = join(HERE, '../../frameworks/model/fixtures/corpus')
const PYTHON = process.env['PYTHON'] ?? 'python3'
const SECONDS = Number(process.env['SECONDS'] ?? 8)
const LOGREG = join(CORPUS, 'logreg_onehot')
const scratch = mkdtempSync(join(tmpdir(), 'bench-model-'))
const observations = (model: string): Observation[] =>
  (JSON.parse(readFileSync(join(model, 'requests.json'), 'utf8')) as { observation: Observation }[])
    .slice(0, 30)
    .map(({ observation }) => observation)

try {
  await compareServers()
  await measureRow()
  for (const name of [
    'logreg_onehot',
    'forest_ordinal',
    'gboost_category_dtype',
    'histgb_native_nan',
  ]) {
    await compareBatch(name)
  }
  await measureStart()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

type Load = { requests: number; seconds: number; p50: number; p99: number; errors: number }

/** The same bodies, one server after the other, at one, eight and 64 connections. */
async function compareServers(): Promise<void> {
  await using database = await createTestDatabase({ durable: true })
  const rows = [
    ['connections', 'Flask req/s', 'p50 ms', 'p99 ms', 'ours req/s', 'p50 ms', 'p99 ms', 'ratio'],
  ]
  let firstId = 0
  const measure = (port: number, connections: number): Load => {
    firstId += 10_000_000
    const env = {
      ...process.env,
      OBSERVATION: JSON.stringify(observations(LOGREG)[0]),
      FIRST_ID: String(firstId),
    }
    const args = [
      '-t1',
      `-c${connections}`,
      `-d${SECONDS}`,
      '--timeout',
      '10',
      '-s',
      join(HERE, 'predict.lua'),
      `http://127.0.0.1:${port}`,
    ]
    const { stdout } = spawnSync('wrk', args, { env, encoding: 'utf8' })
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as Load
  }
  const flask = await start(
    PYTHON,
    ['-m', 'gunicorn', '-w', '2', '--log-level', 'error', '-b', '127.0.0.1:PORT', 'app:app'],
    join(HERE, 'peer'),
    database.url,
  )
  const peer = [1, 8, 64].map((connections) => measure(flask.port, connections))
  await stop(flask.process)
  const own = await start(
    join(HERE, '../../frameworks/model/bin/model-server'),
    ['--port', 'PORT'],
    LOGREG,
    database.url,
  )
  measure(own.port, 8)
  for (const [i, connections] of [1, 8, 64].entries()) {
    const [theirs, ours] = [peer[i]!, measure(own.port, connections)]
    const ratio = ours.requests / ours.seconds / (theirs.requests / theirs.seconds)
    rows.push([String(connections), ...cells(theirs), ...cells(ours), `${ratio.toFixed(0)} ×`])
    if (theirs.errors + ours.errors > 0) console.log(`errors: ${theirs.errors} and ${ours.errors}`)
  }
  await stop(own.process)
  console.log(`POST /predict with storing, case logreg_onehot\n${table(rows)}\n`)
}

function cells({ requests, seconds, p50, p99 }: Load): string[] {
  return [(requests / seconds).toFixed(0), p50.toFixed(1), p99.toFixed(1)]
}

async function start(program: string, args: string[], cwd: string, url: string) {
  const port = await freePort()
  const child = spawn(
    program,
    args.map((arg) => arg.replace('PORT', String(port))),
    {
      cwd,
      env: { ...process.env, DATABASE_URL: url, MODEL: LOGREG, OMP_NUM_THREADS: '1' },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
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

/** CPU of one row, from parsed JSON to probability. */
async function measureRow(): Promise<void> {
  const { model } = await loadFolder(LOGREG)
  const rows = observations(LOGREG)
  const repeat = (times: number): void => {
    for (let i = 0; i < times; i++) scoreAll(model, [rows[i % rows.length]!])
  }
  repeat(5000)
  const before = process.cpuUsage()
  repeat(20_000)
  const { user, system } = process.cpuUsage(before)
  console.log(`one row of logreg_onehot: ${((user + system) / 20_000).toFixed(1)} µs of CPU\n`)
}

async function compareBatch(name: string): Promise<void> {
  const folder = join(CORPUS, name)
  const { model } = await loadFolder(folder)
  const some = observations(folder)
  const rows = Array.from({ length: 10_000 }, (_, i) => some[i % some.length]!)
  const file = join(scratch, `${name}.json`)
  writeFileSync(file, JSON.stringify(rows))
  let best = Infinity
  for (let i = 0; i < 7; i++) {
    const startedAt = performance.now()
    scoreAll(model, rows)
    best = Math.min(best, performance.now() - startedAt)
  }
  const { stdout, stderr } = spawnSync(PYTHON, [join(HERE, 'peer/batch.py'), folder, file], {
    encoding: 'utf8',
  })
  if (stdout === '') throw new Error(stderr)
  const theirs = Number(stdout)
  console.log(
    `10,000 rows of ${name}: scikit-learn ${theirs.toFixed(0)} ms, ours ${best.toFixed(0)} ms (frame included), ${(best / theirs).toFixed(2)} ×`,
  )
}

async function measureStart(): Promise<void> {
  const folder = join(scratch, 'forest')
  spawnSync(PYTHON, [join(HERE, 'peer/forest.py'), folder], { stdio: 'inherit' })
  const megabytes = statSync(join(folder, 'pipeline.pickle')).size / 1e6
  const startedAt = performance.now()
  await loadFolder(folder)
  console.log(
    `\na forest of ${megabytes.toFixed(0)} MB is ready after ${((performance.now() - startedAt) / 1000).toFixed(2)} s`,
  )
}
