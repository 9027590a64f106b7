import { openPool, type Pool } from '@hokku/postgres'
import { createTestDatabase } from '@hokku/postgres/testing'
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { childExit } from '@hokku/kit/child-exit'
import { portOf } from '@hokku/kit/port-of'
import { launcher } from '../cli/launcher.ts'
import { listSaves, readSave } from '../store/saves.ts'
import { setupExample } from '../cli/commands/setup-example.ts'

const WRITERS = 20
const KILLS = 3

test('kill -9 of the server during saves: everything that was acknowledged is there', () =>
  keepsSaves({ PSITURK_THREADS: '1' }, async (server, start) => {
    server.kill('SIGKILL')
    await once(server, 'exit')
    return start()
  }))

test('kill -9 of the one process that a server watches over: it is replaced, and nothing is lost', () =>
  // One process, regardless of the number of cores: tasks must not run in several.
  keepsSaves({ PSITURK_THREADS: 'auto', PSITURK_DO_SCHEDULER: 'true' }, async (server) => {
    const [child, ...others] = childrenOf(server.pid ?? 0)
    assert.ok(child !== undefined && others.length === 0, 'there is not one process')
    process.kill(child, 'SIGKILL')
    while (childrenOf(server.pid ?? 0)[0] === child) await sleep(10)
    return server
  }))

/** @param kill ends what serves and returns what serves afterward */
async function keepsSaves(
  settings: Readonly<Record<string, string>>,
  kill: (server: ChildProcess, start: () => ChildProcess) => Promise<ChildProcess>,
): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), 'hokku-crash-'))
  await setupExample(parent, () => {})
  await using database = await createTestDatabase({ durable: true })
  const port = await freePort()
  const base = `http://127.0.0.1:${port}`
  const start = (): ChildProcess =>
    spawn(launcher()[0] ?? '', [launcher()[1] ?? '', 'serve'], {
      cwd: join(parent, 'psiturk-example'),
      stdio: 'ignore',
      env: {
        HOME: parent,
        DATABASE_URL: database.url,
        PORT: String(port),
        PSITURK_HOST: '127.0.0.1',
        PSITURK_REQUIRE_TOKEN: 'false',
        ...settings,
      },
    })
  const acknowledged = new Map<string, Set<number>>()
  const stopping = new AbortController()
  let server = start()
  await answering(base)
  const writers = Array.from({ length: WRITERS }, (_, i) =>
    write(base, i, acknowledged, stopping.signal),
  )

  for (let kills = 0; kills < KILLS; kills += 1) {
    await sleep(700)
    server = await kill(server, start)
    await answering(base)
  }
  stopping.abort()
  await Promise.all(writers)
  server.kill('SIGTERM')
  const { code } = await childExit(server)

  const pool = openPool(database.url, { max: 4 })
  const kept = await Promise.all(
    [...acknowledged.keys()].map(
      async (uniqueId) => [uniqueId, await savedNumbers(pool, uniqueId)] as const,
    ),
  )
  await pool.end()
  rmSync(parent, { recursive: true, force: true })
  const lost = kept.flatMap(([uniqueId, saved]) =>
    [...(acknowledged.get(uniqueId) ?? [])].filter((number) => !saved.has(number)),
  )
  const total = [...acknowledged.values()].reduce((sum, numbers) => sum + numbers.size, 0)
  assert.ok(total > 100, `only ${total} saves`)
  assert.deepEqual(lost, [])
  assert.equal(code, 0)
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

/** The numbers in all saves of a participant, each read back from the log. */
async function savedNumbers(pool: Pool, uniqueId: string): Promise<Set<number>> {
  const tables = { study: 'assignments', assignments: 'assignments', hits: '', campaigns: '' }
  const numbers = new Set<number>()
  for (const { version } of await listSaves(pool, tables, uniqueId)) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const text = await readSave(pool, tables, uniqueId, version)
    numbers.add((JSON.parse(text ?? '{}') as { n: number }).n)
  }
  return numbers
}

/** Saves again and again, and notes what the server acknowledged. */
async function write(
  base: string,
  writer: number,
  acknowledged: Map<string, Set<number>>,
  signal: AbortSignal,
): Promise<void> {
  const uniqueId = `W${writer}:A${writer}`
  const numbers = new Set<number>()
  acknowledged.set(uniqueId, numbers)
  for (let n = 1; !signal.aborted; n += 1) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one save after the other
      if (n === 1)
        await fetch(`${base}/exp?workerId=W${writer}&assignmentId=A${writer}&hitId=H&mode=live`)
      // oxlint-disable-next-line no-await-in-loop
      const answer = await fetch(`${base}/sync/${encodeURIComponent(uniqueId)}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ n, data: Array.from({ length: n % 50 }, (_, i) => ({ i })) }),
      })
      if (answer.status === 200) numbers.add(n)
    } catch {
      // The server is down; the next one may reach it again.
      // oxlint-disable-next-line no-await-in-loop
      await sleep(50)
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  server.close()
  return port
}

async function answering(base: string): Promise<void> {
  for (let i = 0; i < 200; i += 1) {
    // oxlint-disable-next-line no-await-in-loop -- waits for a process
    const isUp = await fetch(base).then(
      (answer) => answer.ok,
      () => false,
    )
    if (isUp) return
    // oxlint-disable-next-line no-await-in-loop
    await sleep(100)
  }
  throw new Error('the server did not start')
}
