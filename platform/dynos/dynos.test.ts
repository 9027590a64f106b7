import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { OneOffRequest } from './contract.ts'
import type { DynosEffects } from './effects.ts'
import { runReleasePhase } from './release-phase.ts'
import { eventually, openTestDynos } from './test-engine.ts'

type World = Awaited<ReturnType<typeof openTestDynos>>

async function world(context: TestContext, effects: Partial<DynosEffects> = {}): Promise<World> {
  const opened = await openTestDynos(effects)
  context.after(opened.close)
  return opened
}

/** Waits for the dyno's `starts`th start, then lets it listen. */
async function bringUp(at: World, name: string, starts = 1): Promise<void> {
  await eventually(
    `start ${starts} of ${name}`,
    () => at.engine.calls.filter((call) => call === `start ${name}`).length === starts,
  )
  at.engine.accept(at.idOf(name))
}

async function deployWeb(at: World, size = 'Basic'): Promise<void> {
  at.scale('web', 1, size)
  const deploy = at.dynos.deploy(at.app, at.release({ web: 'serve' }))
  await bringUp(at, 'web.1')
  assert.deepEqual(await deploy, { status: 'running' })
}

const states = (at: World): string[] =>
  at.dynos.list(at.app.id).map(({ name, state }) => `${name} ${state}`)

const run = async (at: World, command: string, more: Partial<OneOffRequest> = {}) => {
  const release =
    at.store.releases.current(at.app.id) ?? at.release({ worker: 'work', release: 'migrate' })
  const usual = { size: null, env: {}, attach: null, kind: 'run' }
  return await at.dynos.run({ app: at.app, release, command, ...usual, ...more })
}

const TERMINAL = { tty: { columns: 80, rows: 24 } }

/** What the CLI does: connects, sends the secret, and keeps what it receives. */
function client(at: World, attachUrl: string | null) {
  const socket = connect(join(at.home.run, 'rendezvous.sock'))
  const received: string[] = []
  socket.on('data', (chunk: Buffer) => received.push(chunk.toString()))
  socket.on('error', () => {})
  socket.write(`${attachUrl?.split('/').at(-1) ?? ''}\r\n`)
  return { socket, received, closed: once(socket, 'close') }
}

test('stopped dynos stay down until a restart, and a restart replaces them', async (context) => {
  const at = await world(context)
  await deployWeb(at)

  await at.dynos.stop(at.app.id, 'web.1')
  await eventually('web.1 goes down', () => states(at).join() === 'web.1 down')
  assert.deepEqual(at.dynos.routed(at.app.id), { state: 'stopped', instances: [] })

  await at.dynos.restart(at.app.id, 'web')
  await bringUp(at, 'web.1', 2)
  await eventually('web.1 comes up', () => states(at).join() === 'web.1 up')
  assert.equal(at.dynos.routed(at.app.id).state, 'live')
})

test('an Eco app without requests sleeps, and wakes for one', async (context) => {
  const at = await world(context, { ecoIdleMs: 1 })
  at.clock.now = Date.now()
  await deployWeb(at, 'Eco')

  await eventually('the app sleeps', () => states(at).join() === 'web.1 idle')
  assert.equal(at.dynos.routed(at.app.id).state, 'asleep')

  at.dynos.sawActivity([at.app.id])
  await at.dynos.wake(at.app.id)
  await bringUp(at, 'web.1', 2)
})

test('memory above the quota is logged, far above it ends the dyno, an old dyno is replaced', async (context) => {
  const at = await world(context, { timeouts: { sampleMs: 2, cycleMs: 60_000 } })
  at.store.features.set({ kind: 'app', id: at.app.id }, 'log-runtime-metrics', true)
  await deployWeb(at)
  const id = at.idOf('web.1')

  at.engine.memory.set(id, 600 * 2 ** 20)
  await eventually('R14', () => at.lines.some((line) => /R14 \(Memory quota exceeded\)/.test(line)))
  assert.ok(at.lines.some((line) => line.includes('Process running mem=600M(117.2%)')))
  assert.ok(at.lines.some((line) => line.includes('sample#memory_quota=512.00MB')))
  assert.ok(!at.engine.calls.includes('kill web.1'))

  at.engine.memory.set(id, 4096 * 2 ** 20)
  await eventually('R15', () => at.engine.calls.includes('kill web.1'))
  at.engine.memory.clear()

  await bringUp(at, 'web.1', 2)
  await eventually('it is up again', () => states(at).join() === 'web.1 up')
  at.clock.now += 2 * 24 * 60 * 60_000
  await bringUp(at, 'web.1', 3)
  assert.ok(at.lines.some((line) => line.includes('Cycling')))
})

test('a detached one-off runs a process type by its name, and ends with its status', async (context) => {
  const at = await world(context)
  at.release({ worker: 'work', release: 'migrate' })
  at.scale('worker', 0, 'Standard-2X')

  const { dyno, exit } = await run(at, 'worker --once')

  assert.match(dyno.name, /^run\.\d{4}$/)
  assert.deepEqual([dyno.size, dyno.command, dyno.state], ['Standard-2X', 'work --once', 'up'])
  at.engine.exit(at.idOf(dyno.name), 3)
  assert.equal((await exit).code, 3)
  assert.equal((await at.dynos.exitOf(dyno.name, at.app.id))?.code, 3)
  assert.equal(at.dynos.exitOf('run.1', at.app.id), undefined)
  assert.deepEqual(states(at), [])
})

test('a one-off ends by ps:stop, or when its time is over', async (context) => {
  const at = await world(context)
  const stopped = await run(at, 'sleep')
  await at.dynos.stop(at.app.id, stopped.dyno.name)
  assert.equal((await stopped.exit).signal, 'SIGTERM')

  at.clock.now = Date.now()
  const late = await run(at, 'sleep', { timeoutMs: 1 })
  assert.equal((await late.exit).signal, 'SIGTERM')
  assert.ok(at.lines.some((line) => line.endsWith('Timed out')))
})

test('a one-off that cannot start leaves no dyno behind', async (context) => {
  const at = await world(context)
  at.engine.failure = new Error('no such folder')

  await assert.rejects(run(at, 'bash'), /no such folder/)

  assert.deepEqual(states(at), [])
})

test('the release phase is a one-off, and a second wait joins it', async (context) => {
  const at = await world(context)
  const release = at.release({ release: 'migrate' })
  const request = { app: at.app, release, outputFile: '/dev/null' }

  const first = runReleasePhase(at.dynos, request)
  await eventually('it runs', () => at.engine.calls.length === 1)
  const [dyno] = at.dynos.list(at.app.id)
  const second = runReleasePhase(at.dynos, request)
  at.engine.exit(at.idOf(dyno?.name ?? ''), 2)

  assert.deepEqual([(await first).code, (await second).code], [2, 2])
  assert.equal(at.engine.calls.length, 1)
})

test('a client and its program are joined: input, output, the end', async (context) => {
  const at = await world(context)
  const { dyno, exit } = await run(at, 'bash', { attach: TERMINAL })
  const person = client(at, dyno.attachUrl)
  await eventually('the program starts', () => at.engine.streams.size === 1)
  const id = at.idOf(dyno.name)
  const streams = at.engine.streams.get(id)

  person.socket.write('echo hello\n')
  const [typed] = await once(streams?.input ?? person.socket, 'data')
  streams?.output.write('hello\n')
  await eventually('output', () => person.received.join('').endsWith('hello\n'))
  at.engine.exit(id, 7)

  assert.equal(String(typed), 'echo hello\n')
  assert.equal(person.received[0], 'rendezvous\r\n')
  assert.equal((await exit).code, 7)
  await person.closed
})

test('piped input ends by the byte 0x04 at its end', async (context) => {
  const at = await world(context)
  const { dyno, exit } = await run(at, 'cat', { attach: { tty: null } })
  const person = client(at, dyno.attachUrl)
  await eventually('the program starts', () => at.engine.streams.size === 1)
  const input = at.engine.streams.get(at.idOf(dyno.name))?.input
  assert.ok(input)

  person.socket.write('1,2\n\u0004')
  const pieces: string[] = []
  for await (const piece of input) pieces.push(String(piece))
  at.engine.exit(at.idOf(dyno.name), 0)

  assert.equal(pieces.join(''), '1,2\n')
  assert.equal((await exit).code, 0)
})

test('without a client: R13; with one that leaves: the program hears it', async (context) => {
  const at = await world(context, { timeouts: { attachMs: 5 } })
  const missed = await run(at, 'bash', { attach: TERMINAL })
  await missed.exit
  assert.ok(at.lines.some((line) => line.includes('R13 (Attach error)')))

  const patient = await world(context)
  const { dyno, exit } = await run(patient, 'bash', { attach: TERMINAL })
  const person = client(patient, dyno.attachUrl)
  await eventually('the program starts', () => patient.engine.streams.size === 1)
  person.socket.destroy()
  assert.equal((await exit).code, 129)
})

test('clients with a wrong secret, or without one, are disconnected', async (context) => {
  const at = await world(context)
  await run(at, 'bash', { attach: TERMINAL })

  const wrong = client(at, 'rendezvous://localhost/wrong')
  await wrong.closed
  const endless = connect(join(at.home.run, 'rendezvous.sock'))
  endless.on('error', () => {})
  endless.write('x'.repeat(10_000))
  await once(endless, 'close')

  assert.deepEqual(wrong.received, [])
})

test('a second control plane takes over what runs, and ends what is gone', async (context) => {
  const at = await world(context)
  await deployWeb(at)
  const { dyno } = await run(at, 'sleep')
  at.engine.exit(at.idOf('web.1'), 0)
  await at.dynos.adopt()

  await bringUp(at, 'web.1', 2)
  await eventually('web.1 is up', () => states(at).includes('web.1 up'))
  assert.ok(states(at).includes(`${dyno.name} up`))

  await at.dynos.stopAll()
  await at.dynos.remove(at.app.id)
  assert.deepEqual(
    [...(await at.engine.list())].filter(({ phase }) => phase === 'running'),
    [],
  )
  assert.deepEqual(at.bugs, [])
})
