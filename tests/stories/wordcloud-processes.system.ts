import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { childExit } from '@hokku/kit/child-exit'
import { withClient } from '@hokku/postgres'
import { createTestDatabase, type TestDatabase } from '@hokku/postgres/testing'

/** Several web processes, and a worker, on one database; files in a folder that they share. */
const APP = join(import.meta.dirname, '../../examples/wordcloud')
const folder = mkdtempSync(join(tmpdir(), 'wordcloud-'))
const started: ChildProcess[] = []
let database: TestDatabase
let settings: NodeJS.ProcessEnv

before(async () => {
  database = await createTestDatabase()
  settings = {
    PATH: process.env['PATH'],
    DATABASE_URL: database.url,
    DATA_FOLDER: folder,
    FLASK_SECRET_KEY: 'a secret',
  }
  const made = spawnSync(process.execPath, [join(APP, 'create-tables.ts')], {
    env: settings,
    encoding: 'utf8',
  })
  assert.equal(made.status, 0, made.stderr)
})

after(async () => {
  for (const child of started) child.kill('SIGKILL')
  await database.drop()
  rmSync(folder, { recursive: true, force: true })
})

/** @returns its address, when it listens */
async function startWeb(
  env: NodeJS.ProcessEnv = {},
): Promise<{ origin: string; child: ChildProcess }> {
  const port = 20_000 + Math.floor(Math.random() * 20_000)
  const child = spawn(process.execPath, [join(APP, 'web.ts')], {
    env: { ...settings, PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  started.push(child)
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`web exited with ${code}`)))
    child.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.includes('listening')) resolve()
    })
  })
  return { origin: `http://127.0.0.1:${port}`, child }
}

type Described = { id: string; status: string; links: { self: string; events: string } }

const announce = async (origin: string): Promise<Described> => {
  const body = JSON.stringify({ name: 'Through two' })
  return (await (
    await fetch(`${origin}/api/documents`, { method: 'POST', body })
  ).json()) as Described
}

test('the events of an upload to one process are heard at another, also after lost connections', async () => {
  const [one, two] = [await startWeb(), await startWeb()]
  const { id, links } = await announce(one.origin)
  const stream = await fetch(two.origin + links.events)
  // Every connection to the database is cut, those that listen as well.
  await withClient(database.url, async (client) => {
    await client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
    )
  })

  const sent = await fetch(`${one.origin}/api/documents/${id}/content`, {
    method: 'PUT',
    body: 'sun sun',
  })

  assert.equal(sent.status, 202)
  const events = [...(await stream.text()).matchAll(/^event: (\w+)$/gm)].map(([, event]) => event)
  assert.equal(events[0], 'state')
  assert.equal(events.at(-1), 'done')
})

test('with WEB_CONCURRENCY one port has several processes; one that dies is replaced', async () => {
  const { origin, child } = await startWeb({ WEB_CONCURRENCY: '2' })
  const children = (): number[] =>
    readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .map(Number)
  const [first = 0] = children()
  assert.equal(children().length, 2)

  process.kill(first, 'SIGKILL')
  while (children().length < 2 || children().includes(first))
    await new Promise((r) => setTimeout(r, 50))

  assert.equal((await fetch(`${origin}/test_connection`)).status, 200)
  child.removeAllListeners('exit')
  child.kill('SIGTERM')
  const { code } = await childExit(child)
  assert.equal(code, 0)
})

test('wrong settings are all named, and the program ends', () => {
  for (const program of ['web.ts', 'worker.ts', 'create-tables.ts']) {
    const { status, stderr } = spawnSync(process.execPath, [join(APP, program)], {
      env: { ...settings, S3_BUCKET: 'mine', COUNT_MODE: 'quick' },
      encoding: 'utf8',
    })

    assert.equal(status, 1)
    assert.match(stderr, /^S3_KEY is missing: .*\nS3_SECRET is missing: .*\n|COUNT_MODE must be/)
    assert.doesNotMatch(stderr, / at /)
  }
})
