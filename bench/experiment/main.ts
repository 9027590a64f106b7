import { createTestDatabase } from '@hokku/postgres/testing'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { portOf } from '@hokku/kit/port-of'
import { cpuMs, postmasterOf, type CpuMs } from './cpu.ts'
import { load, type Load, type Result } from './load.ts'

/**
 * `node bench/experiment/main.ts [--peer <venv>|none] [--participants 2001] [--at-once 50,500]`: the
 * whole participant flow against our server and, where a virtual environment with psiTurk 3.3.1 is
 * given or can be made with pip, against the original: same machine, same PostgreSQL, same study,
 * same participants, who follow at once with their next request. Then, ours alone, as many who
 * take `--think-ms` for each page and save.
 */
const { values } = parseArgs({
  options: {
    peer: { type: 'string' },
    participants: { type: 'string', default: '2001' },
    'at-once': { type: 'string', default: '50,500' },
    'think-ms': { type: 'string', default: '1000' },
    threads: { type: 'string', default: 'auto' },
  },
})

const CONDITIONS = 3

/** A multiple of the conditions, so that the balance starts level; enough to warm a compiler up. */
const WARM_UP = 1500

const participants = Number(values.participants)
const thinkMs = Number(values['think-ms'])
const bin = join(import.meta.dirname, '../../frameworks/experiment/bin')
const peer = values.peer ?? installPeer()

for (const atOnce of values['at-once'].split(',').map(Number)) {
  // oxlint-disable-next-line no-await-in-loop -- one measurement at a time
  const [ours, paced] = await measure(
    [join(bin, 'psiturk'), 'serve'],
    [
      { participants, atOnce, thinkMs: 0, first: WARM_UP },
      { participants: twice(atOnce), atOnce, thinkMs, first: WARM_UP + participants },
    ],
  )
  if (ours === undefined) continue
  report('hokku', ours)
  if (paced !== undefined) report('hokku', paced)
  if (peer === undefined || peer === 'none') continue
  // oxlint-disable-next-line no-await-in-loop
  const [theirs] = await measure(
    [join(peer, 'bin/psiturk-server')],
    [{ participants, atOnce, thinkMs: 0, first: WARM_UP }],
    [join(bin, 'psiturk'), 'migrate', 'db'],
  )
  if (theirs === undefined) continue
  report('psiTurk 3.3.1', theirs)
  const cpu = ({ cpu: { server, postgres } }: Measured): number => server + postgres
  console.log(
    `  ratio: ${(ours.perSecond / theirs.perSecond).toFixed(1)} x participants a second, ` +
      `1/${(cpu(theirs) / cpu(ours)).toFixed(1)} of the CPU\n`,
  )
}

/** Each lane twice, and again a multiple of the conditions. */
function twice(atOnce: number): number {
  return Math.ceil((2 * atOnce) / CONDITIONS) * CONDITIONS
}

/** With the CPU time that each participant took. */
type Measured = Result & Readonly<{ cpu: CpuMs }>

/** Its own study and its own durable database for each server. */
async function measure(
  command: readonly string[],
  loads: readonly Load[],
  prepare: readonly string[] = [],
): Promise<Measured[]> {
  const parent = mkdtempSync(join(tmpdir(), 'hokku-bench-'))
  spawnSync(join(bin, 'psiturk-setup-example'), { cwd: parent })
  const directory = join(parent, 'psiturk-example')
  await using database = await createTestDatabase({ durable: true })
  const port = await freePort()
  const env = environment(parent, database.url, port)
  // The original asks for a column type that PostgreSQL does not know; our tables fit it.
  const [program, ...args] = prepare
  if (program !== undefined) spawnSync(program, args, { cwd: directory, env })
  const server = spawn(command[0] ?? '', command.slice(1), {
    cwd: directory,
    detached: true,
    stdio: 'ignore',
    env,
  })
  try {
    const base = new URL(`http://127.0.0.1:${port}`)
    await answering(base)
    await load(base, { participants: WARM_UP, atOnce: 50, thinkMs: 0, first: 0 })
    const postmaster = await postmasterOf(database.url)
    const results: Measured[] = []
    for (const each of loads) {
      const before = cpuMs(server.pid ?? 0, postmaster)
      // oxlint-disable-next-line no-await-in-loop -- one measurement at a time
      const result = await load(base, each)
      const after = cpuMs(server.pid ?? 0, postmaster)
      const cpu = {
        server: (after.server - before.server) / each.participants,
        postgres: (after.postgres - before.postgres) / each.participants,
      }
      results.push({ ...result, cpu })
    }
    return results
  } finally {
    await stop(server)
    rmSync(parent, { recursive: true, force: true })
  }
}

function environment(home: string, databaseUrl: string, port: number): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: home,
    DATABASE_URL: databaseUrl.replace('postgres:', 'postgresql:'),
    PORT: String(port),
    PSITURK_HOST: '127.0.0.1',
    PSITURK_THREADS: values.threads,
    PSITURK_NUM_CONDS: String(CONDITIONS),
    PSITURK_REQUIRE_TOKEN: 'false',
    PSITURK_LOGLEVEL: '3',
  }
}

function report(name: string, result: Measured): void {
  const { cpu, atOnce, perSecond, p50Ms, p99Ms, errors, lostSaves, spread, firstError } = result
  const pace = result.thinkMs === 0 ? '' : ` with ${result.thinkMs} ms to think`
  console.log(
    `${name}: ${result.participants} participants, ${atOnce} at once${pace}: ${perSecond.toFixed(1)}/s, ` +
      `p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms, ` +
      `${errors} errors, ${lostSaves} lost saves, spread ${spread}, CPU a participant: ` +
      `server ${cpu.server.toFixed(1)} ms, PostgreSQL ${cpu.postgres.toFixed(1)} ms`,
  )
  if (firstError !== undefined) console.log(`  first error: ${firstError}`)
}

/** pip keeps the original where it can be had; without it only our own numbers are printed. */
function installPeer(): string | undefined {
  const venv = join(tmpdir(), 'hokku-bench-psiturk')
  if (existsSync(join(venv, 'bin/psiturk-server'))) return venv
  const isMade =
    spawnSync('python3', ['-m', 'venv', venv]).status === 0 &&
    spawnSync(join(venv, 'bin/pip'), ['install', '-q', 'psiturk==3.3.1', 'psycopg2-binary'])
      .status === 0
  // Today's pyOpenSSL does not fit the cryptography that psiTurk's pins bring; it works without.
  spawnSync(join(venv, 'bin/pip'), ['uninstall', '-q', '-y', 'pyopenssl'])
  if (!isMade) console.log('psiTurk 3.3.1 cannot be installed here; only our own numbers follow.')
  return isMade ? venv : undefined
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  server.close()
  return port
}

async function answering(base: URL): Promise<void> {
  for (let i = 0; i < 300; i += 1) {
    // oxlint-disable-next-line no-await-in-loop -- waits for a process
    if (
      await fetch(base).then(
        (answer) => answer.ok,
        () => false,
      )
    )
      return
    // oxlint-disable-next-line no-await-in-loop
    await sleep(100)
  }
  throw new Error('the server did not start')
}

async function stop(server: ChildProcess): Promise<void> {
  const ended = once(server, 'exit')
  if (server.pid !== undefined) process.kill(-server.pid, 'SIGTERM')
  await ended
}
