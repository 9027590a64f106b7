import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadFolder, scoreAll, type Observation } from '@hokku/model'
import { compareServers } from './servers.ts'

/**
 * `PYTHON=/path/to/python node bench/model/main.ts [servers | scoring]`: model-server beside Flask, gunicorn and
 * scikit-learn, on the same PostgreSQL with every commit on the disk. The Python needs
 * scikit-learn 1.2, flask, gunicorn and psycopg2 (Debian: python3-sklearn python3-flask gunicorn
 * python3-psycopg2); the load comes from wrk.
 */
const HERE = import.meta.dirname
const CORPUS = join(HERE, '../../frameworks/model/fixtures/corpus')
const PYTHON = process.env['PYTHON'] ?? 'python3'
const LOGREG = join(CORPUS, 'logreg_onehot')
const scratch = mkdtempSync(join(tmpdir(), 'bench-model-'))
const observations = (model: string): Observation[] =>
  (JSON.parse(readFileSync(join(model, 'requests.json'), 'utf8')) as { observation: Observation }[])
    .slice(0, 30)
    .map(({ observation }) => observation)

/** `servers` or `scoring`; both if nothing is named. */
const part = process.argv[2]

try {
  if (part !== 'scoring') await compareServers(PYTHON, LOGREG)
  if (part !== 'servers') await measureScoring()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

async function measureScoring(): Promise<void> {
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
