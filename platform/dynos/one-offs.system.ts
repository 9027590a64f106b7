import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { problem } from '../store/index.ts'
import type { OneOffRequest } from './contract.ts'
import type { DynosEffects } from './effects.ts'
import { openDynosWorld, until, type DynosWorld } from './testing.ts'

let world: DynosWorld | undefined
const open = async (effects: Partial<DynosEffects> = {}): Promise<DynosWorld> => {
  world = await openDynosWorld(effects)
  return world
}
afterEach(async () => {
  await world?.close()
  world = undefined
})

const start = async (w: DynosWorld, command: string, more: Partial<OneOffRequest> = {}) => {
  const types = { worker: 'echo from the worker: $DYNO', release: 'echo migrating; exit 2' }
  const release = w.store.releases.current(w.app.id) ?? w.release(types)
  const usual = { size: null, env: {}, attach: null, kind: 'run' }
  return await w.dynos.run({ app: w.app, release, command, ...usual, ...more })
}
const TTY = { tty: { columns: 100, rows: 30 } }

/** What the CLI does: connects, says the secret, and keeps every piece of data by itself. */
function client(w: DynosWorld, attachUrl: string | null, early = '') {
  const socket = connect(join(w.home.run, 'rendezvous.sock'))
  const pieces: string[] = []
  socket.on('data', (chunk: Buffer) => pieces.push(chunk.toString('latin1')))
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  socket.write(`${attachUrl?.split('/').at(-1) ?? ''}\r\n${early}`)
  const sees = async (pattern: RegExp): Promise<void> =>
    void (await until(
      `${pattern}`,
      () => (pattern.test(pieces.join('')) ? true : undefined),
      () => pieces,
    ))
  return { socket: socket as Socket, pieces, closed, sees, all: () => pieces.slice(1).join('') }
}

describe('detached', () => {
  test('a one-off that gets no port leaves no dyno behind', async () => {
    const noPort = problem('no_port', 'No free port')
    const ports = { lease: () => Promise.reject(noPort), keep: () => {}, release: () => {} }
    const w = await open({ ports })

    await assert.rejects(start(w, 'echo hello'), noPort)
    await assert.rejects(start(w, 'bash', { attach: TTY }), noPort)

    assert.deepEqual(w.dynos.list(w.app.id), [])
  })

  test('runs, logs, and ends with its exit status', async () => {
    const w = await open()

    const { dyno, exit } = await start(w, 'echo hello $NAME; exit 3', { env: { NAME: 'you' } })

    assert.match(dyno.name, /^run\.\d{4}$/)
    assert.deepEqual(await exit, { code: 3, signal: null, oom: false })
    const own = w.lines().filter((line) => line.includes(`[${dyno.name}]`))
    assert.deepEqual(own, [
      `heroku[${dyno.name}]: State changed from down to starting`,
      `heroku[${dyno.name}]: Starting process with command \`echo hello $NAME; exit 3\``,
      `heroku[${dyno.name}]: State changed from starting to up`,
      `app[${dyno.name}]: hello you`,
      `heroku[${dyno.name}]: Process exited with status 3`,
      `heroku[${dyno.name}]: State changed from up to complete`,
    ])
    assert.deepEqual(w.dynos.list(w.app.id), [])
  })

  test('a process type’s name runs that type, at its size', async () => {
    const w = await open()
    w.scale('worker', 0, 'Standard-2X')

    const { dyno, exit } = await start(w, 'worker')

    assert.equal((await exit).code, 0)
    assert.equal(dyno.size, 'Standard-2X')
    await w.logged(new RegExp(`app.${dyno.name}.: from the worker: ${dyno.name}`))
  })

  test('a release phase keeps its output in a file, and in the log', async () => {
    const w = await open()
    const outputFile = join(w.home.root, 'release-output')

    const { dyno, exit } = await start(w, 'release', { kind: 'release', outputFile })

    assert.match(dyno.name, /^release\.\d{4}$/)
    assert.equal((await exit).code, 2)
    assert.equal(readFileSync(outputFile, 'utf8'), 'migrating\n')
    await w.logged(/app\[release\.\d{4}\]: migrating/)
  })

  test('what takes too long is stopped', async () => {
    const w = await open()

    const { exit } = await start(w, 'sleep 100', { timeoutMs: 300 })

    assert.equal((await exit).code, 143)
  })

  test('ps:stop ends one for good', async () => {
    const w = await open()
    const { dyno, exit } = await start(w, 'echo ready; sleep 100')
    await w.logged(/app.*ready/)

    await w.dynos.stop(w.app.id, dyno.name)

    assert.equal((await exit).code, 143)
    assert.deepEqual(w.dynos.list(w.app.id), [])
  })

  test('the next control plane knows how one ended that it did not start', async () => {
    const w = await open()
    const release = w.store.releases.setStatus(w.release({}).id, 'pending')
    const ended = await start(w, 'sleep 0.5; exit 5', { kind: 'release', release })
    const running = await start(w, 'sleep 2; exit 6', { kind: 'release', release })
    const dynos = await w.reopen()
    await sleep(800)

    await dynos.adopt()

    const names = dynos.list(w.app.id).map(({ name, state }) => [name, state])
    assert.deepEqual(
      new Map(names as [string, string][]),
      new Map([
        [ended.dyno.name, 'complete'],
        [running.dyno.name, 'up'],
      ]),
    )
    assert.equal((await dynos.exitOf(ended.dyno.name, w.app.id))?.code, 5)
    assert.equal((await dynos.exitOf(running.dyno.name, w.app.id))?.code, 6)
    assert.equal(dynos.exitOf('release.1', w.app.id), undefined)
  })
})

describe('attached', () => {
  test('the first piece is only the greeting, then comes the terminal', async () => {
    const w = await open()
    const { dyno, exit } = await start(w, 'stty size; exit 7', { attach: TTY })
    assert.match(dyno.attachUrl ?? '', /^rendezvous:\/\/localhost:8080\/[0-9a-f]{48}$/)

    const { pieces, all, closed } = client(w, dyno.attachUrl)

    await closed
    assert.equal(pieces[0], 'rendezvous\r\n')
    assert.equal(all(), '30 100\r\n')
    assert.equal((await exit).code, 7)
    const shown = w.lines().filter((line) => line.startsWith(`heroku[${dyno.name}]`))
    assert.deepEqual(
      shown.map((line) => line.slice(line.indexOf(' ') + 1)),
      [
        'State changed from down to starting',
        'Awaiting client',
        'Starting process with command `stty size; exit 7`',
        'Client connected',
        'State changed from starting to up',
        'Process exited with status 7',
        'State changed from up to complete',
      ],
    )
  })

  test('a shell is used as people do: prompt, Ctrl-C, exit', async () => {
    const w = await open()
    const { dyno, exit } = await start(w, 'bash', { attach: TTY, env: { TERM: 'xterm' } })
    const { socket, sees } = client(w, dyno.attachUrl)
    await sees(/\$ /)

    socket.write('sleep 100\r')
    await sleep(400)
    socket.write('\x03')
    await sees(/\^C[^]*\$ /)
    socket.write('echo status $?\r')
    await sees(/status 130/)
    socket.write('exit 4\r')

    assert.equal((await exit).code, 4)
  })

  test('what was typed before the program was there is not lost', async () => {
    const w = await open()
    const { dyno } = await start(w, 'read line; echo got $line', { attach: TTY })

    const { all, closed } = client(w, dyno.attachUrl, 'early\r')

    await closed
    assert.match(all(), /got early/)
  })

  test('without a terminal, piped data go in whole and 0x04 ends them', async () => {
    const w = await open()
    const { dyno } = await start(w, 'wc -c', { attach: { tty: null } })
    const data = `${'x'.repeat(100_000)}\x04${'y'.repeat(100)}`

    const { all, closed, socket } = client(w, dyno.attachUrl)
    socket.write(Buffer.from(`${data}\x04`))

    await closed
    assert.equal(all().trim(), String(data.length))
  })

  test('the CLI’s exit marker arrives in one piece, after much output too', async () => {
    const w = await open()
    const command = 'seq 1 50000; (exit 9) ; echo "\uffff heroku-command-exit-status: $?"'
    const { dyno } = await start(w, command, { attach: { tty: null } })

    const { pieces, closed } = client(w, dyno.attachUrl)

    await closed
    const marker = Buffer.from('\uffff heroku-command-exit-status: 9\n').toString('latin1')
    assert.ok(pieces.some((piece) => piece.includes(marker)))
    assert.match(pieces.join(''), /50000\n/)
  })

  test('no client comes: R13, and the secret is worth nothing any more', async () => {
    const w = await open({ timeouts: { attachMs: 200 } })
    const { dyno, exit } = await start(w, 'echo never', { attach: TTY })

    assert.deepEqual(await exit, { code: null, signal: null, oom: false })
    await w.logged(/Error R13 \(Attach error\) -> Failed to attach to process/)
    const late = client(w, dyno.attachUrl)
    await late.closed
    assert.deepEqual(late.pieces, [])
    assert.deepEqual(w.dynos.list(w.app.id), [])
  })

  test('a secret works once', async () => {
    const w = await open()
    const { dyno } = await start(w, 'cat', { attach: TTY })
    const first = client(w, dyno.attachUrl)
    await first.sees(/rendezvous/)

    const second = client(w, dyno.attachUrl)

    await second.closed
    assert.deepEqual(second.pieces, [])
    first.socket.destroy()
  })

  test('a client that leaves takes its program along', async () => {
    const w = await open()
    const { dyno, exit } = await start(w, 'echo ready; cat', { attach: TTY })
    const { socket, sees } = client(w, dyno.attachUrl)
    await sees(/ready/)

    socket.destroy()

    assert.notEqual((await exit).code, 0)
  })

  test('a program that does not react to that is ended with R16', async () => {
    const w = await open({ timeouts: { hangUpMs: 300 } })
    const { dyno, exit } = await start(w, 'trap "" HUP; echo ready; while :; do sleep 0.1; done', {
      attach: TTY,
    })
    const { socket, sees } = client(w, dyno.attachUrl)
    await sees(/ready/)

    socket.destroy()

    assert.equal((await exit).code, 137)
    await w.logged(/Error R16 \(Detached\)/)
  })

  test('clients with a wrong secret, or with too much to say, are disconnected', async () => {
    const w = await open()
    for (const greeting of ['rendezvous://x/wrong', 'x'.repeat(5000)]) {
      const foreigner = client(w, greeting)

      await foreigner.closed

      assert.deepEqual(foreigner.pieces, [])
    }
  })
})
