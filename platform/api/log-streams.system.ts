import assert from 'node:assert/strict'
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { officialCli } from '../../tests/machine.ts'
import { setTimeout } from 'node:timers/promises'
import { childClose } from '@hokku/kit/child-exit'
import { portOf } from '@hokku/kit/port-of'
import { homeAt, openStore } from '../store/index.ts'

const PLANE = join(import.meta.dirname, 'fixtures/log-plane.ts')
const HEROKU = join(await officialCli(), 'heroku')

test('heroku logs prints the newest lines that pass, and ends', async (t) => {
  const platform = await startPlatform(t)
  for (const line of ['one', 'two', 'three']) platform.print(line)
  await platform.printed('three')

  const all = await platform.heroku('logs', '-a', 'demo', '-n', '2')
  const filtered = await platform.heroku('logs', '-a', 'demo', '--source', 'heroku')
  const ofType = await platform.heroku('logs', '-a', 'demo', '--ps', 'web')

  assert.match(all, /^\S+ app\[web\.1\]: two\n\S+ app\[web\.1\]: three\n$/)
  assert.equal(filtered, '')
  assert.equal(ofType.match(/app\[web\.1\]: /g)?.length, 3)
})

test('heroku logs --tail survives kill -9 of the control plane; no line is lost or repeated', async (t) => {
  const platform = await startPlatform(t)
  platform.print('before')
  await platform.printed('before')
  const tail = platform.spawnHeroku('logs', '-a', 'demo', '--tail')
  await tail.shows('before')

  platform.print('during')
  await tail.shows('during')
  await platform.restart()
  platform.print('after')
  await tail.shows('after')

  assert.deepEqual(
    tail.output().match(/(?<=web\.1\]: )\w+/g),
    ['before', 'during', 'after'],
    tail.output(),
  )
})

test('tails end when their app is removed, and cannot be taken up again', async (t) => {
  const platform = await startPlatform(t)
  platform.print('hello')
  await platform.printed('hello')
  const session = await platform.call('POST', '/apps/demo/log-sessions', { tail: true, lines: 5 })
  const { logplex_url: url } = (await session.json()) as { logplex_url: string }

  const plain = await fetch(url)
  const wrong = await fetch(`${url}x`, { headers: { accept: 'text/event-stream' } })
  platform.print('!remove')
  const text = await plain.text()
  const gone = await fetch(url)

  assert.match(plain.headers.get('content-type') ?? '', /^text\/plain/)
  assert.match(text, /^\S+ app\[web\.1\]: hello\n$/)
  assert.deepEqual([wrong.status, gone.status], [404, 404])
})

test('drains are added, listed and removed by the CLI, and not added twice', async (t) => {
  const platform = await startPlatform(t)
  const url = 'syslog+tls://user:secret@127.0.0.1:9/x?a=b'

  await platform.heroku('drains:add', '-a', 'demo', url)
  const listed = await platform.heroku('drains', '-a', 'demo')
  const again = await platform.call('POST', '/apps/demo/log-drains', { url })
  const wrong = await platform.call('POST', '/apps/demo/log-drains', { url: 'ftp://example.com' })
  await platform.heroku('drains:remove', '-a', 'demo', url)
  const rest = await (await platform.call('GET', '/apps/demo/log-drains')).json()

  assert.ok(listed.includes(url), listed)
  assert.match(listed, /d\.[\da-f-]{36}/)
  assert.deepEqual([again.status, wrong.status], [422, 422])
  assert.deepEqual(rest, [])
})

/** A control plane in a child process, with the app `demo`, and the CLI pointed at it. */
async function startPlatform(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'hokku-log-plane-'))
  const token = prepareStore(folder)
  const children: ChildProcessWithoutNullStreams[] = []
  t.after(async () => {
    for (const child of children.filter((one) => one.exitCode === null && !one.killed)) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  })
  const run = (program: string, args: readonly string[], env: NodeJS.ProcessEnv) => {
    const child = spawn(program, args, { env })
    children.push(child)
    return child
  }
  const startPlane = async (port: string) => {
    const child = run(process.execPath, [PLANE, folder, port], { PATH: process.env['PATH'] })
    child.stderr.pipe(process.stderr)
    const [data] = (await once(child.stdout, 'data')) as [Buffer]
    return { child, port: data.toString().trim() }
  }
  let plane = await startPlane('0')
  const door = await openDoor(t, () => Number(plane.port))
  const url = `http://localhost:${door}`
  const spawnHeroku = (...args: string[]) => {
    const child = run(process.execPath, [HEROKU, ...args], cliEnvironment(folder, url, token))
    return { child, ...outputOf(child) }
  }
  const call = (method: string, path: string, body?: object) =>
    fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  return {
    call,
    spawnHeroku,
    print: (line: string) => plane.child.stdin.write(`${line}\n`),
    printed: async (line: string) => {
      const session = await call('POST', '/apps/demo/log-sessions', { tail: true })
      const { logplex_url } = (await session.json()) as { logplex_url: string }
      for await (const chunk of (await fetch(logplex_url)).body ?? []) {
        if (Buffer.from(chunk).includes(line)) return
      }
    },
    restart: async () => {
      plane.child.kill('SIGKILL')
      await once(plane.child, 'exit')
      plane = await startPlane('0')
    },
    heroku: async (...args: string[]): Promise<string> => {
      const { child, output, errors } = spawnHeroku(...args)
      const { code } = await childClose(child)
      assert.equal(code, 0, output() + errors())
      return output()
    },
  }
}

/**
 * A port that stays while the control plane restarts, as the router's does: a client waits until it
 * is back, however long that takes here.
 */
async function openDoor(t: TestContext, planePort: () => number): Promise<number> {
  const pass = (client: Socket): void => {
    const plane = connect(planePort(), '127.0.0.1')
    plane.once('connect', () => client.pipe(plane).pipe(client))
    plane.once('error', () => void setTimeout(50).then(() => client.destroyed || pass(client)))
    plane.once('end', () => client.destroy())
    client.on('error', () => plane.destroy())
  }
  const door = createServer(pass).listen(0, '127.0.0.1')
  await once(door, 'listening')
  t.after(() => door.close())
  return portOf(door)
}

function prepareStore(folder: string): string {
  const store = openStore(homeAt(folder))
  const owner = store.accounts.create('owner@example.com')
  store.apps.create('demo', owner.id)
  const { token } = store.accounts.authorize(owner.id, 'test')
  store.close()
  return token
}

const cliEnvironment = (home: string, url: string, token: string): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: home,
  HEROKU_HOST: url,
  HEROKU_API_KEY: token,
  HEROKU_PARTICLEBOARD_URL: url,
  HEROKU_NETRC_WRITE: 'true',
  HEROKU_SKIP_NEW_VERSION_CHECK: '1',
  HEROKU_DISABLE_AUTOUPDATE: '1',
  DISABLE_TELEMETRY: 'true',
  NO_COLOR: '1',
})

function outputOf(child: ChildProcessWithoutNullStreams) {
  let output = ''
  let errors = ''
  child.stdout.on('data', (data: Buffer) => (output += data.toString()))
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()))
  return {
    output: () => output,
    errors: () => errors,
    shows: async (text: string): Promise<void> => {
      for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await setTimeout(50)) {
        if (output.includes(text)) return
      }
      throw new Error(`timed out waiting for ${text} in:\n${output}${errors}`)
    },
  }
}

/** The CLI needs seconds to start on a busy machine, and waits three before it connects again. */
const PATIENCE_MS = 60_000
