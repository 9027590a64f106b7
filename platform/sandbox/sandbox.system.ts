import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, test } from 'node:test'
import { homeAt } from '../store/index.ts'
import { SYSCALLS } from './seccomp/syscalls.ts'
import { openSandbox, type Sandbox, type SandboxRequest } from './sandbox.ts'

const root = mkdtempSync(join(tmpdir(), 'hokku-sandbox-'))
const home = homeAt(root)
const effects = { home, path: process.env['PATH'] ?? '' }
const sandbox = openSandbox(effects)
after(() => rmSync(root, { recursive: true, force: true }))

const APP = 'a0000000-0000-4000-8000-000000000001'
const OTHER = 'a0000000-0000-4000-8000-000000000002'

/** A folder of an app with one file in it. */
function folderOf(appId: string, name: string): string {
  const folder = join(root, name)
  mkdirSync(folder, { mode: 0o700 })
  writeFileSync(join(folder, 'own.txt'), 'mine', { mode: 0o600 })
  const user = sandbox.user(appId)
  if (user !== null) {
    for (const path of [folder, join(folder, 'own.txt')]) chownSync(path, user.uid, user.uid)
  }
  return folder
}

async function run(box: Sandbox, request: Partial<SandboxRequest> & { from?: string }) {
  const { file, args, env, options } = box.command({
    appId: APP,
    mounts: [{ from: request.from ?? root, to: '/app', mode: 'rw' }],
    cwd: '/app',
    env: {},
    command: ['true'],
    hostname: 'web.1',
    ...request,
  })
  const child = spawn(file, args, { ...options, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => (output.stdout += chunk))
  child.stderr.on('data', (chunk) => (output.stderr += chunk))
  const code = await new Promise<number | null>((done) => child.on('close', done))
  return { code, ...output, args }
}

const isolated = sandbox.mode.kind === 'isolated'

describe('isolated', { skip: !isolated && 'needs root and bubblewrap' }, () => {
  const folder = folderOf(APP, 'app-one')
  const bash = (script: string, more: Partial<SandboxRequest> = {}) =>
    run(sandbox, { from: folder, command: ['bash', '-c', script], ...more })

  test('a program runs at /app as the user of its app, by name', async () => {
    const { stdout } = await bash('pwd; echo $HOME; whoami; id -u; hostname; cat own.txt')

    const user = sandbox.user(APP)
    const expected = ['/app', '/app', user?.name, String(user?.uid), 'web.1', 'mine']
    assert.deepEqual(stdout.split('\n'), expected)
  })

  test('a program finds a machine id, which is not that of the machine', async () => {
    const { stdout } = await bash('cat /etc/machine-id')

    const own = existsSync('/etc/machine-id') ? readFileSync('/etc/machine-id', 'utf8').trim() : ''
    assert.match(stdout.trim(), /^[0-9a-f]{32}$/)
    assert.notEqual(stdout.trim(), own)
  })

  test('nothing of the disk is visible but the system and what is mounted', async () => {
    const { stdout } = await bash('ls / ; ls /root /home /work 2>/dev/null; ls /var /run')

    const seen = new Set(stdout.split(/\s+/))
    for (const name of ['root', 'home', 'boot', 'srv', 'work', 'sys']) assert.ok(!seen.has(name))
  })

  test('another app’s files are out of sight, and out of reach by their own path', async () => {
    const other = folderOf(OTHER, 'app-two')

    const { code, stdout } = await bash(`cat ${other}/own.txt`)

    assert.notEqual(code, 0)
    assert.equal(stdout, '')
  })

  test('it can write to /app, /tmp and /dev/shm, and nowhere else', async () => {
    const { stdout } = await bash(
      'for d in /app /tmp /dev/shm /var/tmp / /usr /etc /run/hokku; do touch $d/x 2>/dev/null && echo $d; done',
    )

    assert.equal(stdout, '/app\n/tmp\n/dev/shm\n/var/tmp\n')
  })

  test('it sees only its own processes and holds no privilege', async () => {
    const { stdout } = await bash(
      'ls /proc | grep -c "^[0-9]*$"; grep -E "CapEff|CapBnd|NoNewPrivs" /proc/self/status',
    )

    const [processes, ...privileges] = stdout.trim().split('\n')
    assert.ok(Number(processes) <= 5, `${processes} processes`)
    assert.deepEqual(
      privileges.map((line) => line.split('\t')[1]),
      ['0000000000000000', '0000000000000000', '1'],
    )
  })

  test('it cannot make namespaces, trace, read keys, load into the kernel or mount', async (t) => {
    if (process.arch !== 'x64' && process.arch !== 'arm64') return t.skip('no filter')
    const place = process.arch === 'x64' ? 0 : 1
    const names = ['ptrace', 'keyctl', 'bpf', 'mount', 'perf_event_open', 'setns'] as const
    const calls = names.map((name) => SYSCALLS[name][place]).join(' ')
    const { stdout } = await bash(
      `unshare -U true 2>&1; unshare -n true 2>&1; grep Seccomp: /proc/self/status
       for call in ${calls}; do perl -e 'syscall(0+shift, 0, 0, 0, 0, 0) == -1 and print $!+0, "\n"' $call; done`,
    )

    const [users = '', network = '', seccomp, ...errors] = stdout.trim().split('\n')
    assert.match(users, /Operation not permitted/)
    assert.match(network, /Operation not permitted/)
    assert.equal(seccomp, 'Seccomp:\t2')
    const EPERM = '1'
    assert.deepEqual(
      errors,
      Array.from(names, () => EPERM),
    )
  })

  test('Node with threads and children, Python, perl, git and psql run as ever', async () => {
    const node = dirname(process.execPath)
    const script = `const { Worker } = require('node:worker_threads')
      require('node:net').createServer().listen(0, function () { this.close() })
      new Worker('0', { eval: true }).on('exit', (code) =>
        console.log(code, String(require('node:child_process').execFileSync('echo', ['child']))))`
    const { stdout, stderr } = await run(sandbox, {
      mounts: [
        { from: folder, to: '/app', mode: 'rw' },
        { from: node, to: '/node', mode: 'ro' },
      ],
      env: { SCRIPT: script },
      command: [
        'bash',
        '-c',
        `/node/node -e "$SCRIPT"; perl -e 'print "perl\n"'
         for program in /usr/bin/python3 git psql; do
         command -v $program > /dev/null || continue; $program --version > /dev/null || echo $program; done`,
      ],
    })

    assert.equal(stdout, '0 child\n\nperl\n', stderr)
  })

  test('app hosts resolve, also those that came after the start', async () => {
    sandbox.setHosts(['first.localhost'])
    setTimeout(() => sandbox.setHosts(['first.localhost', 'late.localhost']), 100)

    const { stdout } = await bash(
      'getent hosts first.localhost; for i in $(seq 50); do getent hosts late.localhost && break; sleep 0.1; done',
    )

    assert.match(stdout, /first\.localhost[^]*late\.localhost/)
  })

  test('layers are stacked, the upper one wins, and changes stay private', async () => {
    const layers = ['low', 'high'].map((name) => {
      mkdirSync(join(root, name))
      writeFileSync(join(root, name, 'both'), name)
      writeFileSync(join(root, name, `only-${name}`), name)
      return join(root, name)
    })
    const mounts = [
      { mode: 'overlay', layers, private: join(root, 'private,1:2'), to: '/app' },
    ] as const

    const { stdout, stderr } = await run(sandbox, {
      mounts,
      command: ['bash', '-c', 'cat both; ls; rm -f both; echo new > mine; cat mine'],
    })

    assert.equal(stdout, 'highboth\nonly-high\nonly-low\nnew\n', stderr)
    assert.equal(readFileSync(join(root, 'high', 'both'), 'utf8'), 'high')
  })
})

for (const forcePlain of isolated ? [false, true] : [true]) {
  const box = forcePlain ? openSandbox({ ...effects, forcePlain }) : sandbox
  describe(`environment, ${box.mode.kind}`, () => {
    const folder = folderOf(APP, `env-${box.mode.kind}`)
    const hostile = {
      LD_PRELOAD: '/app/evil.so',
      BASH_ENV: '/app/own.txt',
      SECRET: `a 'quoted' $(value) "with"\nlines`,
    }

    test('values with any content arrive unchanged', async () => {
      const command = ['bash', '-c', 'printf %s "$SECRET"; env | grep -c HOKKU_ENV']

      const { stdout } = await run(box, {
        from: folder,
        env: { ...hostile, LD_PRELOAD: '' },
        command,
      })

      assert.equal(stdout, `${hostile.SECRET}0\n`)
    })

    test('no value stands on a command line or under a name that root’s programs know', () => {
      const { args, env } = box.command({
        appId: APP,
        mounts: [{ from: folder, to: '/app', mode: 'rw' }],
        cwd: '/app',
        env: hostile,
        command: ['true'],
        hostname: 'x',
      })

      assert.ok(!args.join(' ').includes(hostile.SECRET))
      assert.ok(!('LD_PRELOAD' in env) && !('BASH_ENV' in env))
    })

    test('the program’s own exit status comes back', async () => {
      const { code } = await run(box, { from: folder, command: ['bash', '-c', 'exit 7'] })

      assert.equal(code, 7)
    })
  })
}

test('plain mode says what it does not protect, and translates paths', () => {
  const plain = openSandbox({ ...effects, forcePlain: true })
  const mounts = [{ from: '/srv/slug', to: '/app', mode: 'rw' }] as const

  assert.ok(plain.mode.kind === 'plain' && /plain processes/.test(plain.mode.notice))
  assert.equal(plain.inside(mounts, '/app/bin/x'), '/srv/slug/bin/x')
  assert.equal(plain.inside(mounts, '/application'), '/application')
})
