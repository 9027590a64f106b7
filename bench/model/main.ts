import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadFolder, scoreAll, type Observation } from '@hokku/model'
import { table } from '@hokku/kit/command-line'
import { compareServers } from './servers.ts'

/**
 * `PYTHON=/path/to/python node bench/model/main.ts [servers | scoring]`: model-server beside Flask, gunicorn and
 * scikit-learn, on the same PostgreSQL with every commit on the disk. The Python needs
 * scikit-learn 1.2, flask, gunicorn and psycopg2 (Debian: python3-sklearn python3-flask gunicorn
 * python3-psycopg2); the load comes from wrk.
 */
const HERE = import.meta.dirname
const PYTHON = process.env['PYTHON'] ?? 'python3'
const LOGREG = join(HERE, '../../frameworks/model/fixtures/corpus/logreg_onehot')
const scratch = mkdtempSync(join(tmpdir(), 'bench-model-'))
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
  const folder = join(scratch, 'families')
  run('families.py', folder)
  const rows = [['10,000 rows of', 'scikit-learn ms', 'ours ms (frame included)', 'ratio']]
  // oxlint-disable-next-line no-await-in-loop -- one measurement at a time
  for (const name of readdirSync(folder)) rows.push(await compareBatch(name, join(folder, name)))
  console.log(`${table(rows)}\n`)
  await measureStart()
}

/** CPU of one row, from parsed JSON to probability. */
async function measureRow(): Promise<void> {
  const { model } = await loadFolder(LOGREG)
  const requests = readFileSync(join(LOGREG, 'requests.json'), 'utf8')
  const rows = (JSON.parse(requests) as { observation: Observation }[])
    .slice(0, 30)
    .map(({ observation }) => observation)
  const repeat = (times: number): void => {
    for (let i = 0; i < times; i++) scoreAll(model, [rows[i % rows.length]!])
  }
  repeat(5000)
  const before = process.cpuUsage()
  repeat(20_000)
  const { user, system } = process.cpuUsage(before)
  console.log(`one row of logreg_onehot: ${((user + system) / 20_000).toFixed(1)} µs of CPU\n`)
}

/** The best of seven on each side. */
async function compareBatch(name: string, folder: string): Promise<string[]> {
  const { model } = await loadFolder(folder)
  const file = join(folder, 'rows.json')
  const rows = JSON.parse(readFileSync(file, 'utf8')) as Observation[]
  let ours = Infinity
  for (let i = 0; i < 7; i++) {
    const startedAt = performance.now()
    scoreAll(model, rows)
    ours = Math.min(ours, performance.now() - startedAt)
  }
  const theirs = Number(run('batch.py', folder, file))
  return [name, theirs.toFixed(0), ours.toFixed(0), `${(ours / theirs).toFixed(2)} ×`]
}

/** What a script of the peer prints. @throws Error with its complaint if it fails */
function run(script: string, ...args: string[]): string {
  const { stdout, stderr, status } = spawnSync(PYTHON, [join(HERE, 'peer', script), ...args], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

async function measureStart(): Promise<void> {
  const folder = join(scratch, 'forest')
  run('forest.py', folder)
  const megabytes = statSync(join(folder, 'pipeline.pickle')).size / 1e6
  const startedAt = performance.now()
  await loadFolder(folder)
  console.log(
    `\na forest of ${megabytes.toFixed(0)} MB is ready after ${((performance.now() - startedAt) / 1000).toFixed(2)} s`,
  )
}
