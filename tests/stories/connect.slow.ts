import assert from 'node:assert/strict'
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { hasProgram, shareOfficialCli } from '../machine.ts'
import { eventually } from './platform.ts'

/**
 * `hokku connect` from one host to another. The second host is a network namespace with an address
 * and its own loopback; it needs root and iproute2.
 */
const skip = process.getuid?.() === 0 && hasProgram('ip') ? false : 'needs root and iproute2'

const ROOT = join(import.meta.dirname, '../..')
const HOKKU = join(ROOT, 'node_modules/.bin/hokku')
const HOST = `hokku${process.pid}`
const PORT = 18_000 + (process.pid % 1000)
const SUBNET = `10.77.${process.pid % 250}`
const folder = mkdtempSync(join(tmpdir(), 'hokku-connect-'))
const server = { HOKKU_HOME: join(folder, 'server'), HOME: folder }
const client = { HOKKU_HOME: join(folder, 'client'), HOME: folder }
const hosts = join(folder, 'hosts')
let relay: ChildProcess | undefined

const run = (file: string, args: string[], env: Record<string, string> = {}): string =>
  execFileSync(file, args, {
    env: { PATH: process.env['PATH'], ...env },
    encoding: 'utf8',
    cwd: folder,
    timeout: 120_000,
  })
const onServer = (...args: string[]): string => run('ip', ['netns', 'exec', HOST, ...args], server)
/** Runs with its own hosts file that knows the server's name. */
const knowingServer = (line: string): string[] => [
  '-m',
  'sh',
  '-c',
  `mount --bind '${hosts}' /etc/hosts && ${line}`,
]
/** A line in the shell of someone who has connected. */
const connected = (line: string): string =>
  run('bash', ['-c', `. '${folder}/client/remotes/server.test/env'; ${line}`], { HOME: folder })

before(() => {
  if (skip !== false) return
  chmodSync(folder, 0o755)
  shareOfficialCli(client.HOKKU_HOME)
  writeFileSync(hosts, `127.0.0.1 localhost\n${SUBNET}.2 server.test\n`)
  run('ip', ['netns', 'add', HOST])
  run('ip', ['link', 'add', `${HOST}a`, 'type', 'veth', 'peer', 'name', 'up0', 'netns', HOST])
  run('ip', ['addr', 'add', `${SUBNET}.1/24`, 'dev', `${HOST}a`])
  run('ip', ['link', 'set', `${HOST}a`, 'up'])
  onServer('ip', 'addr', 'add', `${SUBNET}.2/24`, 'dev', 'up0')
  onServer('ip', 'link', 'set', 'up0', 'up')
  onServer('ip', 'link', 'set', 'lo', 'up')
  onServer(HOKKU, 'up', '--port', String(PORT), '--domain', 'server.test', '--detach')
})

after(() => {
  if (skip !== false) return
  relay?.kill('SIGINT')
  onServer(HOKKU, 'down')
  run('ip', ['netns', 'del', HOST])
  rmSync(folder, { recursive: true, force: true })
})

test('a wrong token is refused, with where the right one is', { skip }, () => {
  const line = `HEROKU_API_KEY=wrong '${HOKKU}' connect https://server.test:${PORT} --ca '${server.HOKKU_HOME}/certificates/root.pem' 2>&1 || true`

  assert.match(run('unshare', knowingServer(line), client), /refused the token[^]*hokku token/)
})

test('after connect the heroku CLI and psql work as on the server itself', { skip }, async () => {
  const token = onServer(HOKKU, 'token').trim()
  const line = `exec '${HOKKU}' connect https://server.test:${PORT} --ca '${server.HOKKU_HOME}/certificates/root.pem'`
  let printed = ''
  relay = spawn('unshare', knowingServer(line), {
    env: { PATH: process.env['PATH'], ...client, HEROKU_API_KEY: token },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  relay.stderr?.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  await eventually(async () => (printed.includes('Connected to') ? true : undefined))

  connected('heroku create distant && heroku addons:create heroku-postgresql -a distant --wait')

  assert.match(connected(`heroku pg:psql -a distant -c 'select 40 + 2'`), /42/)
  assert.match(
    connected(`psql "$(heroku config:get DATABASE_URL -a distant)" -c 'select 6 * 7'`),
    /42/,
  )
  assert.match(connected('heroku logs -a distant'), /Attach DATABASE/)
})
