import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive, markOf } from '@hokku/kit/process-mark'
import { portOf } from '@hokku/kit/port-of'
import { shareOfficialCli } from '../../tests/machine.ts'

/** One platform from `hokku up` to `hokku down`, by the program that users call. */
const folder = mkdtempSync(join(tmpdir(), 'hokku-lifecycle-'))
const home = join(folder, 'home')
let port = 0

type Status = {
  url: string
  home: string
  supervisor: { pid: number }
  router: { pid: number | null }
  controlPlane: { pid: number | null }
}

function hokku(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(join(import.meta.dirname, 'bin/hokku'), args, {
    env: { ...process.env, HOME: folder, HOKKU_HOME: home, HEROKU_API_KEY: '' },
    encoding: 'utf8',
    timeout: 150_000,
  })
}

const statusNow = (): Status => JSON.parse(hokku('status', '--json').stdout) as Status
const up = () => hokku('up', '--port', String(port), '--detach')

/** Zombies do not count: in a container no one may be there to reap them. */
const isUp = (pid: number | null): boolean => pid !== null && isAlive(markOf(pid))

async function untilDown(pid: number): Promise<void> {
  for (let i = 0; i < 100 && isUp(pid); i++) await sleep(50)
}

before(async () => {
  chmodSync(folder, 0o755)
  shareOfficialCli(home)
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  port = portOf(server)
  await new Promise((resolve) => server.close(resolve))
})
after(() => {
  hokku('down')
  rmSync(folder, { recursive: true, force: true })
})

test('before the first start commands say how to start, and down has nothing to do', () => {
  for (const command of ['status', 'env', 'apps']) {
    const { status, stdout, stderr } = hokku(command)

    assert.equal(status, 1, command)
    assert.equal(stdout, '')
    assert.match(stderr, /not running[^]*hokku up/)
  }
  assert.equal(hokku('down').status, 0)
})

test('up --detach returns when the platform answers, and says where', async () => {
  const { status, stdout, stderr } = up()

  assert.equal(status, 0, stderr)
  assert.match(stdout, new RegExp(`http://localhost:${port}/dashboard`))
  const health = await fetch(`http://127.0.0.1:${port}/hokku/health`)
  assert.equal(((await health.json()) as { isReady: boolean }).isReady, true)
})

test('status names the processes, for people and as JSON', () => {
  const text = hokku('status')
  const json = statusNow()

  assert.match(text.stdout, /control plane +running +pid \d+/)
  assert.match(text.stdout, /heroku create/)
  assert.deepEqual([json.url, json.home], [`http://localhost:${port}`, home])
  for (const { pid } of [json.supervisor, json.router, json.controlPlane]) assert.ok(isUp(pid))
})

test('a second up on the same home, or on a port that is taken, starts nothing', () => {
  const again = up()
  const elsewhere = hokku('up', '--port', String(port), '--home', join(folder, 'other'))

  assert.equal(again.status, 1)
  assert.match(again.stderr, /already running/)
  assert.equal(elsewhere.status, 1)
  assert.match(elsewhere.stderr, new RegExp(`Port ${port} on 127\\.0\\.0\\.1`))
  assert.ok(!existsSync(join(folder, 'other/run')))
})

test('token prints the key that the API takes, and env gives it to a shell', async () => {
  const token = hokku('token').stdout.trim()
  const account = await fetch(`http://127.0.0.1:${port}/account`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const exported = hokku('env')
  const keyless = hokku('env', '--no-key')

  assert.equal(account.status, 200)
  assert.equal(exported.status, 0, exported.stderr)
  assert.match(exported.stdout, new RegExp(`HEROKU_API_KEY='${token}'`))
  assert.doesNotMatch(keyless.stdout, new RegExp(token))
  assert.match(keyless.stdout, /^unset HEROKU_API_KEY$/m)
})

test('git gets the key for this platform from the launchers, and the CLI runs by any of its names', () => {
  const { stdout: lines } = hokku('env')
  const script = `${lines}\nprintf 'protocol=https\\nhost=localhost:${port}\\n\\n' | git credential fill`

  const credential = spawnSync('sh', ['-c', script], {
    env: { PATH: process.env['PATH'], HOME: folder, GIT_TERMINAL_PROMPT: '0' },
    encoding: 'utf8',
  })
  const passedOn = hokku('version')
  const named = hokku('heroku', 'version')

  assert.match(credential.stdout, new RegExp(`^password=${hokku('token').stdout.trim()}$`, 'm'))
  assert.match(passedOn.stdout, /^heroku\/11\./)
  assert.equal(named.stdout, passedOn.stdout)
})

test('doctor names what it found, and fails only for what must be there', () => {
  const found = JSON.parse(hokku('doctor', '--json').stdout) as { name: string; state: string }[]
  const text = hokku('doctor')

  assert.ok(found.some(({ name, state }) => name === 'git' && state === 'ok'))
  assert.equal(text.status, 0)
  for (const { name } of found) assert.ok(text.stdout.includes(name), name)
})

test('a killed process of the platform is started again', async () => {
  const { router } = statusNow()
  process.kill(router.pid ?? 0, 'SIGKILL')

  let pid = router.pid
  for (let i = 0; i < 200 && (pid === null || pid === router.pid); i++) {
    await sleep(50)
    pid = statusNow().router.pid
  }

  assert.ok(pid !== null && pid !== router.pid)
  assert.match(readFileSync(join(home, 'logs/supervisor.log'), 'utf8'), /router ended \(SIGKILL\)/)
})

test('after the supervisor was killed the rest continues, up takes it over, down stops all', async () => {
  const first = statusNow()
  process.kill(first.supervisor.pid, 'SIGKILL')
  await untilDown(first.supervisor.pid)

  assert.equal(hokku('status').status, 1)
  assert.ok(isUp(first.controlPlane.pid))
  assert.equal(up().status, 0)
  const second = statusNow()
  assert.equal(second.controlPlane.pid, first.controlPlane.pid)
  process.kill(second.supervisor.pid, 'SIGKILL')
  await untilDown(second.supervisor.pid)
  const down = hokku('down')

  assert.equal(down.status, 0, down.stderr)
  assert.ok(!isUp(first.controlPlane.pid))
  assert.ok(!isUp(second.router.pid))
  assert.ok(existsSync(join(home, 'hokku.sqlite')))
})

test('down stops all through the supervisor, which had started all again', () => {
  assert.equal(up().status, 0)
  const { supervisor, router, controlPlane } = statusNow()

  const down = hokku('down')

  assert.equal(down.status, 0, down.stderr)
  assert.match(down.stdout, /hokku is stopped\. Your data is in .*\/home/)
  for (const { pid } of [supervisor, router, controlPlane]) assert.ok(!isUp(pid))
  assert.match(hokku('status').stderr, /not running/)
})
