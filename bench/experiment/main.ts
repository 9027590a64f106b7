import { createTestDatabase } from '@hokku/kit/postgres/testing'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { load, type Result } from './load.ts'

/**
 * `node bench/experiment/main.ts [--peer <venv>] [--participants 2000] [--at-once 50,500]`: the whole
 * participant flow against our server and, where a virtual environment with psiTurk 3.3.1 is given
 * or can be made with pip, against the original; same machine, same PostgreSQL, same study.
 */
const { values } = parseArgs({
  options: {
    peer: { type: 'string' },
    participants: { type: 'string', default: '3000' },
    'peer-participants': { type: 'string', default: '150' },
    'at-once': { type: 'string', default: '50,500' },
    'think-ms': { type: 'string', default: '0' },
    threads: { type: 'string', default: 'auto' },
  },
})

const CONDITIONS = 3

/** A multiple of the conditions, so that the balance starts level. */
const WARM_UP = 30

const thinkMs = Number(values['think-ms'])
const bin = join(import.meta.dirname, '../../frameworks/experiment/bin')
const peer = values.peer ?? installPeer()

for (const atOnce of values['at-once'].split(',').map(Number)) {
  // oxlint-disable-next-line no-await-in-loop -- one measurement at a time
  const ours = await measure([join(bin, 'psiturk'), 'serve'], Number(values.participants), atOnce)
  report('hokku', ours)
  if (peer === undefined || peer === 'none') continue
  const count = Math.max(atOnce, Number(values['peer-participants']))
  // oxlint-disable-next-line no-await-in-loop
  const theirs = await measure([join(peer, 'bin/psiturk-server')], count, atOnce, [
    join(bin, 'psiturk'),
    'migrate',
    'db',
  ])
  report('psiTurk 3.3.1', theirs)
  console.log(`  ratio: ${(ours.perSecond / theirs.perSecond).toFixed(1)} x\n`)
}

/** A study of its own and a durable database of its own for each measurement. */
async function measure(
  command: readonly string[],
  participants: number,
  atOnce: number,
  prepare: readonly string[] = [],
): Promise<Result> {
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
    await load(base, { participants: WARM_UP, atOnce: 10, thinkMs: 0, first: 0 })
    return await load(base, { participants, atOnce, thinkMs, first: WARM_UP })
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

function report(name: string, result: Result): void {
  const { participants, atOnce, perSecond, p50Ms, p99Ms, errors, lostSaves, spread, firstError } =
    result
  console.log(
    `${name}: ${participants} participants, ${atOnce} at once: ${perSecond.toFixed(1)}/s, ` +
      `p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms, ` +
      `${errors} errors, ${lostSaves} lost saves, spread ${spread}`,
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
  const { port } = server.address() as AddressInfo
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
