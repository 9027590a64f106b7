import { stopEmbedded } from '@hokku/postgres'
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { childExit } from '@hokku/kit/child-exit'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { portOf } from '@hokku/kit/port-of'

const bin = join(import.meta.dirname, '../bin')
let home: string
let folder: string
let port: number

before(async () => {
  home = mkdtempSync(join(tmpdir(), 'hokku-cli-'))
  chmodSync(home, 0o755)
  port = await freePort()
  assert.equal(run('psiturk-setup-example', [], home).status, 0)
  folder = join(home, 'psiturk-example')
})
after(async () => {
  run('psiturk', ['server', 'off'])
  await stopEmbedded({ directory: join(home, 'hokku', 'postgres') })
  rmSync(home, { recursive: true, force: true })
})

const run = (
  program: string,
  args: readonly string[],
  cwd = folder,
  env: Record<string, string> = {},
) =>
  spawnSync(join(bin, program), args, {
    cwd,
    encoding: 'utf8',
    input: '',
    timeout: 120_000,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      HOKKU_HOME: join(home, 'hokku'),
      PORT: String(port),
      PSITURK_THREADS: '1',
      ...env,
    },
  })
const psiturk = (...words: string[]) => run('psiturk', words)

test('the example is made once', () => {
  const again = run('psiturk-setup-example', [], home)

  assert.equal(again.status, 1)
  assert.match(again.stderr, /Error, psiturk-example directory already exists/)
  assert.ok(existsSync(join(folder, 'static/lib/jquery-min.js')))
  assert.match(run('psiturk-setup-example', ['-v'], home).stdout, /^psiTurk version 3\.3\.1/)
})

test('without any database setting the study runs on the PostgreSQL of this machine', async () => {
  const on = psiturk('server', 'on')
  const status = psiturk('status')
  const again = psiturk('server', 'on')
  const answer = await fetch(`http://localhost:${port}/`)

  assert.equal(on.status, 0, on.stderr)
  assert.match(
    on.stdout,
    new RegExp(
      `^Experiment server launching\\.\\.\\.\\nNow serving on http://localhost:${port}\\n$`,
    ),
  )
  assert.match(status.stdout, /^Server: currently online\n/)
  assert.match(again.stdout, /already on/)
  assert.match(await answer.text(), /Begin by viewing the/)
})

test('data of local participants is downloaded, and stays with a study that moves', async () => {
  const ids = 'hitId=debugH&assignmentId=debugA&workerId=debugW&mode=debug'
  const page = await (await fetch(`http://localhost:${port}/exp?${ids}`)).text()
  const token = /content="([\w-]{32})"/.exec(page)?.[1] ?? ''
  await fetch(`http://localhost:${port}/sync/debugW:debugA`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'x-psiturk-token': token },
    body: JSON.stringify({
      data: [{ uniqueid: 'x', current_trial: 0, dateTime: 1, trialdata: { é: 0.5 } }],
      questiondata: {},
      eventdata: [],
    }),
  })
  const moved = join(home, 'moved')
  const off = psiturk('server', 'off')
  renameSync(folder, moved)
  folder = moved

  const download = psiturk('download_datafiles')

  assert.match(off.stdout, /^Shutting down experiment server at pid \d+\.\.\.\n$/)
  assert.equal(download.status, 0, download.stderr)
  assert.equal(
    readFileSync(join(folder, 'trialdata.csv'), 'utf8'),
    'debugW:debugA,0,1,"{""\\u00e9"": 0.5}"\r\n',
  )
  assert.match(psiturk('participant', 'delete', 'debugW:debugA').stdout, /debugW:debugA is deleted/)
  const again = psiturk('participant', 'anonymize', 'debugW:debugA')
  assert.equal(again.status, 1)
  assert.match(again.stderr, /There is no participant debugW:debugA/)
  assert.match(psiturk('server', 'off').stdout, /Your server is already off\./)
})

test('an SQLite address works here with a notice, and is refused on a cloud host', () => {
  const env = { DATABASE_URL: 'sqlite:///participants.db' }

  const here = run('psiturk', ['download_datafiles'], folder, env)
  const cloud = run('psiturk', ['serve'], folder, { ...env, ON_CLOUD: '1' })
  const unset = run('psiturk', ['serve'], folder, { ON_CLOUD: '1' })

  assert.match(
    here.stdout,
    /Notice: database_url sqlite:\/\/\/participants\.db is an SQLite address/,
  )
  assert.equal(cloud.status, 1)
  assert.match(
    cloud.stderr,
    /EphemeralContainerDBError: database_url is sqlite:\/\/\/participants\.db/,
  )
  assert.equal(unset.status, 1)
  assert.match(unset.stderr, /heroku addons:create heroku-postgresql/)
})

test('commands come as words, as one text, or as a script; a wrong one ends with 1', () => {
  writeFileSync(join(home, 'script'), '# c\nmode live\nmode\nversion\nquit\nnonsense\n')

  assert.match(run('psiturk', ['-e', 'mode "live"']).stdout, /^Entered live mode\n$/)
  assert.match(
    run('psiturk', ['-s', join(home, 'script')]).stdout,
    /^Entered live mode\nEntered sandbox mode\npsiTurk version 3\.3\.1/,
  )
  const unknown = psiturk('nonsense')
  assert.equal(unknown.status, 1)
  assert.equal(unknown.stderr, "Error: Unknown command 'nonsense'\nTry 'psiturk help'.\n")
  assert.match(psiturk('mode', 'x').stderr, /mode x is not recognized\./)
  assert.match(
    psiturk('debug', '-p').stdout,
    new RegExp(
      `^http://localhost:${port}/ad\\?assignmentId=debug[A-Z0-9]{6}&hitId=debug[A-Z0-9]{6}&workerId=debug[A-Z0-9]{6}&mode=debug\\n$`,
    ),
  )
  assert.match(psiturk('help').stdout, /download_datafiles/)
})

test('the other programs of the original are there', () => {
  const shell = run('psiturk-shell', ['-e', 'mode live'])
  const server = run('psiturk-server', ['-v'])
  const script = run('psiturk', ['-s', join(home, 'nowhere')])

  assert.equal(shell.stdout, 'Entered live mode\n')
  assert.match(server.stdout, /^psiTurk version 3\.3\.1/)
  assert.equal(script.status, 1)
  assert.match(
    script.stderr,
    /^Error: Option --script names a file that does not exist: .*nowhere$/m,
  )
  assert.match(psiturk('psiturk_status').stdout, /^psiTurk version 3\.3\.1/)
  assert.match(psiturk('help', 'worker').stdout, /worker bonus \(--amount X \| --auto\)/)
  assert.equal(psiturk('quit').status, 0)
  assert.match(psiturk('constructor').stderr, /^Error: Unknown command 'constructor'$/m)
  assert.match(psiturk('hit', 'constructor').stderr, /^Error: Unknown command 'hit constructor'$/m)
})

test('a study that cannot start ends its command, in one process or several', () => {
  const empty = join(home, 'empty')
  mkdirSync(empty)
  for (const threads of ['1', '2', 'auto']) {
    const served = run('psiturk', ['serve'], empty, { PSITURK_THREADS: threads })

    assert.equal(served.status, 1, `${threads}: ${served.stdout}`)
    assert.match(served.stderr, /has no templates\/ad\.html/)
    assert.equal(existsSync(join(empty, '.psiturk_database')), false)
  }
  // Here each process finds out by itself.
  writeFileSync(join(folder, 'custom.mjs'), 'export default {')
  renameSync(join(folder, 'custom.ts'), join(folder, 'custom.off'))
  const broken = run('psiturk', ['serve'], folder, { PSITURK_THREADS: '2' })
  renameSync(join(folder, 'custom.off'), join(folder, 'custom.ts'))
  rmSync(join(folder, 'custom.mjs'))

  assert.equal(broken.status, 1, broken.stdout)
  assert.match(broken.stderr, /custom\.mjs cannot be loaded/)
  assert.equal(run('psiturk', ['serve', '--help']).status, 0)
  assert.equal(run('psiturk', ['serve', '--nope']).status, 1)
})

test('psiturk status knows a study that is served in the foreground, and ends it', async () => {
  const child = spawn(join(bin, 'psiturk'), ['serve'], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      HOKKU_HOME: join(home, 'hokku'),
      PORT: String(port),
      PSITURK_THREADS: '2',
    },
  })
  const said = createInterface({ input: child.stdout })
  for await (const line of said) if (line.startsWith('Now serving')) break
  const ended = childExit(child)

  assert.match(psiturk('server', 'status').stdout, /Server: currently online/)
  assert.match(psiturk('server', 'off').stdout, /Shutting down/)
  assert.deepEqual(await ended, { code: 0, signal: null })
  assert.match(psiturk('server', 'status').stdout, /Server: currently offline/)
})

test('a server whose port is taken says so and what to do', async () => {
  const other = createServer().listen(0, 'localhost')
  await once(other, 'listening')
  const taken = portOf(other)
  const env = { PORT: String(taken) }

  const serve = run('psiturk', ['serve'], folder, env)
  const on = run('psiturk', ['server', 'on'], folder, env)
  other.close()

  assert.equal(serve.status, 1)
  assert.match(serve.stderr, new RegExp(`Port ${taken} of localhost cannot be used`))
  assert.equal(on.status, 1)
  assert.match(on.stderr, new RegExp(`Port ${taken} is used by another program`))
})

test('the shell reads commands from its input and outlives one that fails', () => {
  const shell = spawnSync(join(bin, 'psiturk'), [], {
    cwd: folder,
    encoding: 'utf8',
    input: 'nonsense\nmode live\nquit\n',
    timeout: 60_000,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      HOKKU_HOME: join(home, 'hokku'),
      PORT: String(port),
    },
  })

  assert.match(shell.stdout, /\[psiTurk server:off mode:sdbx\]\$ /)
  assert.match(shell.stdout, /Entered live mode/)
  assert.match(shell.stderr, /^Error: Unknown command 'nonsense'$/m)
  assert.equal(shell.status, 0)
})

test('config print hides what is secret', () => {
  const env = {
    AWS_SECRET_ACCESS_KEY: 'very',
    DATABASE_URL: 'postgres://u:geheim@h/d',
    PSITURK_LOGIN_PW: 'pw1',
  }

  const { stdout } = run('psiturk', ['config', 'print'], folder, env)

  assert.match(stdout, /\[Task Parameters\]\n[\s\S]*require_token=true/)
  assert.match(stdout, /database_url=postgres:\/\/u:\*+@h\/d/)
  assert.ok(!/very|geheim|pw1/.test(stdout))
})

test('a broken config.txt is named with its line by every command', () => {
  writeFileSync(join(home, 'config.txt'), '[Task Parameters]\nnum_conds = 1\nnonsense\n')

  const broken = run('psiturk', ['status'], home)

  assert.equal(broken.status, 1)
  assert.match(broken.stderr, /config\.txt, line 3: "nonsense" is not of the form name = value/)
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: free } = server.address() as AddressInfo
  server.close()
  return free
}
