import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { problem } from '../store/index.ts'
import { adopt } from './adopt.ts'
import type { DynosEffects } from './effects.ts'
import { AppFormation } from './formation.ts'
import { RETIRED } from './formation-state.ts'
import { eventually, openTestFormation } from './test-engine.ts'

function world(context: TestContext, effects: Partial<DynosEffects> = {}) {
  const opened = openTestFormation(effects)
  context.after(opened.close)
  return opened
}

type World = ReturnType<typeof openTestFormation>

/** Waits until a dyno was started, and lets it listen. */
async function bringUp(at: World, name: string, starts: number): Promise<void> {
  await eventually(
    `start ${starts} of ${name}`,
    () => at.engine.calls.filter((call) => call === `start ${name}`).length === starts,
  )
  at.engine.accept(at.idOf(name))
}

test('a first deploy boots web, updates the router, and only then boots the worker', async (context) => {
  const at = world(context)
  at.scale('web', 1)
  at.scale('worker', 1)
  const deploy = at.formation.deploy(at.release({ web: 'serve', worker: 'work' }))

  await bringUp(at, 'web.1', 1)
  const outcome = await deploy
  await eventually('the worker starts', () => at.engine.calls.length === 2)

  assert.deepEqual(outcome, { status: 'running' })
  assert.deepEqual(at.engine.calls, ['start web.1', 'start worker.1'])
  assert.deepEqual(at.tables, [['web.1@v1']])
  assert.deepEqual(
    at.lines.filter((line) => line.startsWith('heroku[web.1]')),
    [
      'heroku[web.1]: State changed from down to starting',
      'heroku[web.1]: Starting process with command `serve`',
      'heroku[web.1]: State changed from starting to up',
    ],
  )
})

test('a deploy boots the new, switches the router, drains the old and stops it', async (context) => {
  const at = world(context)
  at.scale('web', 1)
  const first = at.formation.deploy(at.release({ web: 'serve' }))
  await bringUp(at, 'web.1', 1)
  await first

  const second = at.formation.deploy(at.release({ web: 'serve' }))
  await bringUp(at, 'web.1', 2)
  await second
  await eventually('the old one stops', () => at.engine.calls.includes('stop web.1'))

  assert.deepEqual(at.tables, [['web.1@v1'], ['web.1@v2']])
  assert.deepEqual(at.drained, ['web.1'])
  await eventually('its record goes', () => at.store.dynos.list(at.app.id).length === 1)
})

test('a swap that a dead control plane left half done reaches the router before the old one stops', async (context) => {
  const order: string[] = []
  const at = world(context, {
    route: async () => void order.push('route'),
    drain: async () => void order.push('drain'),
  })
  at.scale('web', 1)
  const deploy = at.formation.deploy(at.release({ web: 'serve' }))
  await bringUp(at, 'web.1', 1)
  await deploy
  const old = at.idOf('web.1')
  at.formation.close()
  at.store.dynos.update(old, RETIRED)
  at.scale('web', 0)
  order.length = 0

  const second = new AppFormation(at.app.id, at.effects)
  await adopt(at.effects, {
    ports: { keep: () => {}, release: () => {} },
    oneOffs: { resume: () => {}, lost: async () => {} },
    formationOf: () => second,
    onEnd: async () => {},
  })
  await eventually('the old one goes', () => at.store.dynos.find(old) === undefined)
  second.close()

  assert.deepEqual(order, ['route', 'drain'])
  assert.deepEqual(at.engine.calls, ['start web.1', 'stop web.1'])
})

test('a version that exits twice leaves the old one serving', async (context) => {
  const at = world(context)
  at.scale('web', 1)
  const first = at.formation.deploy(at.release({ web: 'serve' }))
  await bringUp(at, 'web.1', 1)
  await first

  const second = at.formation.deploy(at.release({ web: 'broken' }))
  for (const starts of [2, 3]) {
    await eventually(
      `start ${starts}`,
      () => at.engine.calls.filter((call) => call === 'start web.1').length === starts,
    )
    at.engine.exit(at.idOf('web.1'), 1)
  }

  assert.deepEqual(await second, {
    status: 'unhealthy',
    reason: 'web.1: Process exited with status 1',
    stillServing: 1,
  })
  assert.ok(!at.engine.calls.includes('stop web.1'))
})

test('a version that does not listen in time is killed with R10', async (context) => {
  const at = world(context, { timeouts: { bootMs: 20 } })
  at.scale('web', 1)

  const outcome = await at.formation.deploy(at.release({ web: 'sleep' }))

  assert.equal(outcome.status, 'unhealthy')
  assert.ok(at.engine.calls.includes('kill web.1'))
  assert.ok(at.lines.some((line) => /R10 \(Boot timeout\)/.test(line)))
})

test('a start that the platform fails is a crash with R99 and the reason', async (context) => {
  const noPort = problem('no_port', 'No free port')
  const ports = { lease: () => Promise.reject(noPort), keep: () => {}, release: () => {} }
  const at = world(context, { ports })
  at.scale('web', 1)

  const outcome = await at.formation.deploy(at.release({ web: 'serve' }))

  assert.equal(outcome.status, 'unhealthy')
  assert.ok(at.lines.some((line) => line.endsWith('Failed to launch the dyno: No free port')))
  assert.ok(at.bugs.includes(noPort))
  assert.deepEqual(at.engine.calls, [])
})

test('a later deploy supersedes one that still boots', async (context) => {
  const at = world(context)
  at.scale('web', 1)
  const first = at.formation.deploy(at.release({ web: 'slow' }))
  await eventually('the first start', () => at.engine.calls.length === 1)

  const second = at.formation.deploy(at.release({ web: 'serve' }))
  await bringUp(at, 'web.1', 2)

  assert.deepEqual(await first, { status: 'superseded' })
  assert.deepEqual(await second, { status: 'running' })
})

test('a crash restarts at once, the next one after its delay', async (context) => {
  const at = world(context)
  at.scale('worker', 1)
  await at.formation.deploy(at.release({ worker: 'work' }))
  await eventually('it is up', () => at.store.dynos.list(at.app.id)[0]?.state === 'up')

  at.engine.exit(at.idOf('worker.1'), 1)
  await eventually('the restart', () => at.engine.calls.length === 2)
  await eventually('it is up', () => at.store.dynos.list(at.app.id)[0]?.state === 'up')
  at.engine.exit(at.idOf('worker.1'), 1)
  await eventually('it crashed', () => at.store.dynos.list(at.app.id)[0]?.state === 'crashed')

  const [dyno] = at.store.dynos.list(at.app.id)
  assert.equal(dyno?.crashes, 2)
  assert.equal(Date.parse(dyno?.restartAt ?? '') - at.clock.now, 5000)
  at.clock.now += 5000
  at.formation.reconcile()
  await eventually('the next start', () => at.engine.calls.length === 3)
})

test('a dyno that does not heed SIGTERM gets R12', async (context) => {
  const at = world(context)
  at.scale('worker', 1)
  await at.formation.deploy(at.release({ worker: 'work' }))
  at.engine.stubborn.add('worker.1')
  await eventually('it is up', () => at.store.dynos.list(at.app.id)[0]?.state === 'up')

  at.scale('worker', 0)
  at.formation.reconcile()

  await eventually('R12', () => at.lines.some((line) => /R12 \(Exit timeout\)/.test(line)))
  await eventually('it is gone', () => at.store.dynos.list(at.app.id).length === 0)
})

test('a sleeping app has no process and wakes into the same slots', async (context) => {
  const at = world(context)
  at.scale('web', 1, 'Eco')
  const deploy = at.formation.deploy(at.release({ web: 'serve' }))
  await bringUp(at, 'web.1', 1)
  await deploy

  at.formation.park(({ size }) => size === 'Eco', 'idle')
  await eventually('it stops', () => at.engine.calls.includes('stop web.1'))
  await eventually('its record goes', () => at.store.dynos.list(at.app.id).length === 1)
  assert.equal(at.store.dynos.list(at.app.id)[0]?.state, 'idle')
  at.formation.wake()
  await bringUp(at, 'web.1', 2)

  await eventually('it serves', () => at.tables.at(-1)?.[0] === 'web.1@v1')
  assert.ok(at.lines.includes('heroku[web.1]: Unidling'))
})

test('stopping everything leaves sleeping dynos, and starts nothing again', async (context) => {
  const at = world(context)
  at.scale('worker', 2)
  await at.formation.deploy(at.release({ worker: 'work' }))
  at.formation.park(({ name }) => name === 'worker.2', 'down')
  await eventually('worker.2 stops', () => at.engine.calls.includes('stop worker.2'))

  await at.formation.stopAll()
  at.formation.reconcile()

  assert.deepEqual(
    at.store.dynos.list(at.app.id).map(({ name, state }) => `${name} ${state}`),
    ['worker.2 down'],
  )
  assert.ok(at.engine.calls.includes('stop worker.1'))
})

test('a router that cannot be reached does not stop the deploy', async (context) => {
  const unreachable = new Error('the router is away')
  const at = world(context, { route: () => Promise.reject(unreachable) })
  at.scale('web', 1)
  const deploy = at.formation.deploy(at.release({ web: 'serve' }))

  await bringUp(at, 'web.1', 1)

  assert.deepEqual(await deploy, { status: 'running' })
  assert.ok(at.bugs.includes(unreachable))
})

test('a formation that was let go changes nothing more', async (context) => {
  const at = world(context)
  at.scale('worker', 1)
  const release = at.release({ worker: 'work' })

  at.formation.close()
  void at.formation.deploy(release)

  assert.deepEqual(at.engine.calls, [])
})
