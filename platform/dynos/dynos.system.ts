import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DynosEffects } from './effects.ts'
import { openDynosWorld, until, type DynosWorld } from './testing.ts'

const WEB = readFileSync(join(import.meta.dirname, 'fixtures/web.py'), 'utf8')
const web = (answer: string) => ({ 'web.py': WEB, 'answer.txt': answer })
const TYPES = { web: '/usr/bin/python3 web.py', worker: 'echo working; sleep 1000' }

let world: DynosWorld | undefined
const open = async (effects: Partial<DynosEffects> = {}): Promise<DynosWorld> => {
  world = await openDynosWorld(effects)
  return world
}
afterEach(async () => {
  await world?.close()
  world = undefined
})

const states = ({ dynos, app }: DynosWorld): Record<string, string> =>
  Object.fromEntries(dynos.list(app.id).map(({ name, state }) => [name, state]))
const settle = async (w: DynosWorld, wanted: Record<string, string>): Promise<void> =>
  await until(
    JSON.stringify(wanted),
    () => (JSON.stringify(states(w)) === JSON.stringify(wanted) ? true : undefined),
    () => [JSON.stringify(states(w)), ...w.lines()],
  ).then(() => {})
/** What the app answers through the instance that the router would choose. */
const ask = async ({ dynos, app }: DynosWorld): Promise<string> => {
  const [instance] = dynos.routed(app.id).instances
  if (instance === undefined) return 'nobody'
  return await (await fetch(`http://${instance.host}:${instance.port}`)).text()
}
const linesOf = (w: DynosWorld, dyno: string): string[] =>
  w
    .lines()
    .filter((line) => line.startsWith(`heroku[${dyno}]: `))
    .map((line) => line.slice(line.indexOf(' ') + 1))

describe('deploying', () => {
  test('a first deploy brings web up, then the workers, and says so in Heroku’s words', async () => {
    const w = await open()
    w.scale('web', 1)
    w.scale('worker', 1)

    const outcome = await w.dynos.deploy(w.app, w.release(TYPES, web('one')))

    assert.deepEqual(outcome, { status: 'running' })
    assert.equal(await ask(w), 'one')
    await settle(w, { 'web.1': 'up', 'worker.1': 'up' })
    assert.deepEqual(linesOf(w, 'web.1'), [
      'State changed from down to starting',
      'Starting process with command `/usr/bin/python3 web.py`',
      'State changed from starting to up',
    ])
    const lines = w.lines()
    const at = (text: string): number => lines.indexOf(text)
    assert.ok(
      at('heroku[web.1]: State changed from starting to up') <
        at('heroku[worker.1]: State changed from down to starting'),
    )
    await w.logged(/^app\[worker\.1\]: working$/)
  })

  test('a new version takes over without a failed request, and the old one hears SIGTERM last', async () => {
    let request = Promise.resolve('')
    const drained: string[] = []
    const w = await open({
      // As the router does: what is in flight may end.
      drain: async (ids) => {
        drained.push(...ids)
        await request.catch(() => '')
      },
    })
    w.scale('web', 2)
    await w.dynos.deploy(w.app, w.release(TYPES, web('one')))
    const answers = new Set<string>()
    let asking = true
    const visitor = (async () => {
      while (asking) {
        request = ask(w)
        answers.add(await request)
        await sleep(5)
      }
    })()

    const outcome = await w.dynos.deploy(w.app, w.release(TYPES, web('two')))
    assert.equal(await ask(w), 'two')
    await until('the end of the old', () =>
      w.lines().filter((line) => line.includes('goodbye')).length === 2 ? true : undefined,
    )
    await until('the new answer', () => (answers.has('two') ? true : undefined))
    asking = false
    await visitor

    assert.deepEqual(outcome, { status: 'running' })
    assert.deepEqual(answers, new Set(['one', 'two']))
    assert.equal(drained.length, 2)
    assert.ok(
      w.tables.every((table) => table.length === 0 || table.length === 2 || table.length === 1),
    )
    const stopping = w.lines().findIndex((line) => line.includes('Stopping all processes'))
    const ups = w.lines().flatMap((line, index) => (line.includes('starting to up') ? index : []))
    assert.ok(stopping > Math.max(...ups), 'stopped only after the new ones were up')
  })

  test('a version that exits leaves the old one serving, and shows why it crashed', async () => {
    const w = await open()
    w.scale('web', 1)
    w.scale('worker', 1)
    const first = w.release(TYPES, web('one'))
    await w.dynos.deploy(w.app, first)

    const outcome = await w.dynos.deploy(w.app, w.release({ ...TYPES, web: 'exit 4' }))

    assert.deepEqual(outcome, {
      status: 'unhealthy',
      reason: 'web.1: Process exited with status 4',
      stillServing: first.version,
    })
    assert.equal(await ask(w), 'one')
    const [shown] = w.dynos.list(w.app.id)
    assert.deepEqual(
      [shown?.state, shown?.stateReason],
      ['crashed', 'Process exited with status 4'],
    )
    assert.equal(w.dynos.routed(w.app.id).state, 'live')
    assert.equal(linesOf(w, 'worker.1').filter((line) => line.startsWith('Starting')).length, 1)
  })

  test('a version that binds another port is stopped with R10, which names that port', async () => {
    const w = await open({ timeouts: { bootMs: 1500 } })
    w.scale('web', 1)
    const types = { web: 'WRONG_PORT=19876 exec /usr/bin/python3 web.py' }

    const outcome = await w.dynos.deploy(w.app, w.release(types, web('one')))

    assert.equal(outcome.status, 'unhealthy')
    const line = await w.logged(/R10/)
    assert.match(
      line,
      /^heroku\[web\.1\]: Error R10 \(Boot timeout\) -> Web process failed to bind to \$PORT within 2 seconds of launch \(it bound port 19876 instead of \d+\)$/,
    )
    await w.logged(/web\.1.*Process exited with status 137/)
    assert.equal(w.dynos.routed(w.app.id).state === 'stopped', false)
  })

  test('a later deploy overtakes one that still boots', async () => {
    const w = await open()
    w.scale('web', 1)
    const slow = w.dynos.deploy(w.app, w.release({ web: 'sleep 100' }))
    await w.logged(/Starting process/)

    const outcome = await w.dynos.deploy(w.app, w.release(TYPES, web('two')))

    assert.deepEqual(await slow, { status: 'superseded' })
    assert.deepEqual(outcome, { status: 'running' })
    assert.equal(await ask(w), 'two')
  })

  test('a version that comes up late takes over by itself', async () => {
    const w = await open({ timeouts: { bootMs: 1000 } })
    w.scale('web', 1)
    await w.dynos.deploy(w.app, w.release(TYPES, web('one')))
    const late = 'while [ ! -e go ]; do sleep 0.1; done; exec /usr/bin/python3 web.py'
    const next = w.release({ web: late }, web('two'))

    const outcome = await w.dynos.deploy(w.app, next)
    assert.equal(outcome.status, 'unhealthy')
    assert.equal(await ask(w), 'one')
    w.addFile(next, 'go', '')

    await until(
      'the new version',
      async () => ((await ask(w)) === 'two' ? true : undefined),
      w.lines,
    )
  })
})

describe('the formation', () => {
  test('scaling starts and stops the highest numbers, and leaves the others alone', async () => {
    const w = await open()
    w.scale('web', 1)
    await w.dynos.deploy(w.app, w.release(TYPES, web('one')))
    const [first] = w.dynos.list(w.app.id)

    w.scale('web', 3)
    await w.dynos.reconcile(w.app.id)
    await settle(w, { 'web.1': 'up', 'web.2': 'up', 'web.3': 'up' })
    await until('three in the table', () => (w.tables.at(-1)?.length === 3 ? true : undefined))
    w.scale('web', 1)
    await w.dynos.reconcile(w.app.id)

    await settle(w, { 'web.1': 'up' })
    assert.equal(w.dynos.list(w.app.id)[0]?.id, first?.id)
    await w.logged(/web\.3.*State changed from up to down/)
    await w.logged(/web\.3.*Process exited with status 0/)
  })

  test('scaled to none, there is nothing to route to', async () => {
    const w = await open()
    w.scale('web', 1)
    await w.dynos.deploy(w.app, w.release(TYPES, web('one')))

    w.scale('web', 0)
    await w.dynos.reconcile(w.app.id)

    await settle(w, {})
    assert.deepEqual(w.dynos.routed(w.app.id), { state: 'stopped', instances: [] })
  })

  test('a crash restarts at once, the next one later, and the router knows', async () => {
    const w = await open()
    w.scale('web', 1)
    await w.dynos.deploy(w.app, w.release({ web: 'sleep 0.1; exit 3' }))

    await settle(w, { 'web.1': 'crashed' })
    await until('the second crash', () =>
      linesOf(w, 'web.1').filter((line) => line === 'Process exited with status 3').length === 2
        ? true
        : undefined,
    )

    assert.equal(w.dynos.routed(w.app.id).state, 'crashed')
    const [dyno] = w.store.dynos.list(w.app.id)
    assert.equal(dyno?.crashes, 2)
    const delay = Date.parse(dyno.restartAt ?? '') - Date.parse(dyno.stateSince)
    assert.ok(delay >= 4000 && delay <= 6000, `${delay} ms`)
  })

  test('a restart swaps the dynos and forgets earlier crashes', async () => {
    const w = await open()
    w.scale('web', 1)
    w.scale('worker', 1)
    await w.dynos.deploy(w.app, w.release({ ...TYPES, worker: 'sleep 0.1; exit 1' }, web('one')))
    await settle(w, { 'web.1': 'up', 'worker.1': 'crashed' })
    const ids = w.dynos.list(w.app.id).map(({ id }) => id)

    await w.dynos.restart(w.app.id, 'web.1')

    await w.logged(/web\.1\]: Process exited with status 0/)
    assert.notEqual(w.dynos.list(w.app.id)[0]?.id, ids[0])
    assert.equal(await ask(w), 'one')
    await w.logged(/web\.1\]: Restarting/)
    assert.ok(!w.lines().includes('heroku[worker.1]: Restarting'))
    await w.dynos.restart(w.app.id)
    await w.logged(/worker\.1\]: Restarting/)
    const again = await until('a new worker', () =>
      w.store.dynos.list(w.app.id).find((dyno) => dyno.name === 'worker.1' && dyno.fresh),
    )
    assert.ok(again.crashes <= 1, `${again.crashes} crashes`)
  })

  test('a stopped dyno stays down until the next release', async () => {
    const w = await open()
    w.scale('web', 2)
    await w.dynos.deploy(w.app, w.release(TYPES, web('one')))

    await w.dynos.stop(w.app.id, 'web.2')
    await w.logged(/web\.2\]: Process exited with status 0/)
    await w.dynos.reconcile(w.app.id)

    assert.deepEqual(states(w), { 'web.1': 'up', 'web.2': 'down' })
    assert.deepEqual(w.tables.at(-1)?.length, 1)
    await w.dynos.deploy(w.app, w.release(TYPES, web('two')))
    await settle(w, { 'web.1': 'up', 'web.2': 'up' })
  })

  test('who does not heed SIGTERM gets R12 and SIGKILL', async () => {
    const w = await open({ timeouts: { stopMs: 600 } })
    w.scale('worker', 1)
    await w.dynos.deploy(
      w.app,
      w.release({ worker: 'trap "" TERM; echo ready; while :; do sleep 0.1; done' }),
    )
    await w.logged(/^app.worker.1.: ready/)

    w.scale('worker', 0)
    await w.dynos.reconcile(w.app.id)

    await w.logged(/worker\.1\]: Process exited with status 137/)
    assert.deepEqual(linesOf(w, 'worker.1').slice(-5), [
      'State changed from up to down',
      'Stopping all processes with SIGTERM',
      'Error R12 (Exit timeout) -> At least one process failed to exit within 1 seconds of SIGTERM',
      'Stopping remaining processes with SIGKILL',
      'Process exited with status 137',
    ])
  })

  test('memory above the quota is logged, far above it ends the dyno', async (t) => {
    const w = await open({ timeouts: { sampleMs: 200 } })
    w.scale('worker', 1)
    const hold = (megabytes: number): string =>
      `/usr/bin/python3 -uc 'import time; held = bytearray(b"x") * (${megabytes} << 20); time.sleep(100)'`

    await w.dynos.deploy(w.app, w.release({ worker: hold(540) }))
    const used = await w.logged(/worker\.1\]: Process running mem=/)
    await w.logged(/worker\.1\]: Error R14 \(Memory quota exceeded\)/)
    await w.dynos.deploy(w.app, w.release({ worker: hold(1100) }))
    await w.logged(/worker\.1\]: Error R15 \(Memory quota vastly exceeded\)/)
    await w.logged(/worker\.1\]: Process exited with status 137/)

    assert.match(used, /mem=5\d\dM\(10\d\.\d%\)/)
    t.diagnostic(used)
  })

  test('a dyno that is old enough is replaced by the same swap', async () => {
    const w = await open({ timeouts: { cycleMs: 500, cycleJitterMs: 0, sampleMs: 200 } })
    w.scale('web', 1)
    await w.dynos.deploy(w.app, w.release(TYPES, web('one')))
    const [first] = w.dynos.list(w.app.id)

    await w.logged(/web\.1\]: Cycling/)

    await w.logged(/web\.1\]: Process exited with status 0/)
    assert.notEqual(w.dynos.list(w.app.id)[0]?.id, first?.id)
    assert.equal(await ask(w), 'one')
  })

  test('a port that another program took is not taken for the app', async (t) => {
    const w = await open()
    if (w.sandbox.mode.kind !== 'isolated') return t.skip('plain processes cannot be distinguished')
    w.scale('web', 1)
    const deployed = w.dynos.deploy(
      w.app,
      w.release({ web: 'sleep 2; exec /usr/bin/python3 web.py' }, web('own')),
    )
    const port = await until('a port', () => w.store.dynos.list(w.app.id)[0]?.port ?? undefined)

    const thief = createServer((_request, response) => response.end('thief')).listen(
      port,
      '127.0.0.1',
    )
    await sleep(1000)
    assert.deepEqual(states(w), { 'web.1': 'starting' })
    thief.closeAllConnections()
    await new Promise((resolve) => thief.close(resolve))

    assert.deepEqual(await deployed, { status: 'running' })
    assert.equal(await ask(w), 'own')
  })

  test('an Eco app sleeps without requests, and wakes for one', async () => {
    const w = await open({ ecoIdleMs: 1200 })
    w.scale('web', 1, 'Eco')
    w.scale('worker', 1, 'Eco')
    await w.dynos.deploy(w.app, w.release(TYPES, web('one')))

    await settle(w, { 'web.1': 'idle', 'worker.1': 'idle' })
    assert.equal(w.dynos.routed(w.app.id).state, 'asleep')
    await w.logged(/web\.1\]: Idling/)
    await w.logged(/web\.1\]: Process exited with status 0/)
    await w.dynos.wake(w.app.id)
    w.dynos.sawActivity([w.app.id])

    await w.logged(/web\.1\]: Unidling/)
    await until('an answer', async () => ((await ask(w)) === 'one' ? true : undefined), w.lines)
    await settle(w, { 'web.1': 'up', 'worker.1': 'up' })
  })

  test('removing an app stops its dynos and leaves no files', async () => {
    const w = await open()
    w.scale('web', 1)
    await w.dynos.deploy(w.app, w.release(TYPES, web('one')))

    await w.dynos.remove(w.app.id)

    assert.deepEqual(w.dynos.list(w.app.id), [])
    assert.equal(await ask(w), 'nobody')
  })
})

describe('a control plane that comes back', () => {
  test('takes over what runs: same instances, same ports, nothing restarted', async () => {
    const w = await open()
    w.scale('web', 2)
    await w.dynos.deploy(w.app, w.release(TYPES, web('one')))
    const before = w.dynos.routed(w.app.id)

    const dynos = await w.reopen()
    await dynos.adopt()

    assert.deepEqual(dynos.routed(w.app.id), before)
    assert.equal(await ask(w), 'one')
    assert.equal(w.lines().filter((line) => line.includes('Starting process')).length, 2)
    assert.deepEqual(await dynos.deploy(w.app, w.release(TYPES, web('two'))), { status: 'running' })
    assert.equal(await ask(w), 'two')
  })

  test('records crashes that it did not see, and restarts them', async () => {
    const w = await open()
    w.scale('worker', 1)
    await w.dynos.deploy(w.app, w.release({ worker: 'sleep 0.5; echo last words; exit 3' }))
    const dynos = await w.reopen()
    await sleep(1000)

    await dynos.adopt()

    await w.logged(/app\[worker\.1\]: last words/)
    await w.logged(/worker\.1\]: Process exited with status 3/)
    await until('the restart', () =>
      linesOf(w, 'worker.1').filter((line) => line.startsWith('Starting')).length > 1
        ? true
        : undefined,
    )
  })

  test('finishes a deploy that the last one began', async () => {
    const w = await open()
    w.scale('web', 1)
    await w.dynos.deploy(w.app, w.release(TYPES, web('one')))
    void w.dynos.deploy(w.app, w.release({ web: `sleep 1; ${TYPES.web}` }, web('two')))
    await until('the new start', () =>
      linesOf(w, 'web.1').filter((line) => line.startsWith('Starting')).length === 2
        ? true
        : undefined,
    )

    const dynos = await w.reopen()
    await dynos.adopt()

    await until(
      'the new version',
      async () => ((await ask(w)) === 'two' ? true : undefined),
      w.lines,
    )
    await w.logged(/Process exited with status 0/)
  })

  test('runs again after a reboot what should run, and does not call it a crash', async () => {
    const w = await open()
    w.scale('web', 1)
    await w.dynos.deploy(w.app, w.release(TYPES, web('one')))
    const dynos = await w.reboot()

    await dynos.adopt()

    await until(
      'an answer',
      async () => ((await ask(w).catch(() => '')) === 'one' ? true : undefined),
      w.lines,
    )
    assert.equal(w.store.dynos.list(w.app.id)[0]?.crashes, 0)
  })

  test('after hokku down, runs again what ran; sleeping and stopped dynos stay as they are', async () => {
    const w = await open({ ecoIdleMs: 3_600_000 })
    w.scale('web', 1)
    w.scale('worker', 1)
    await w.dynos.deploy(w.app, w.release(TYPES, web('one')))
    await w.logged(/^app.worker.1.: working/)
    await w.dynos.stop(w.app.id, 'worker')
    await w.logged(/worker\.1\]: Process exited/)

    await w.dynos.stopAll()
    const dynos = await w.reopen()
    await dynos.adopt()

    await settle(w, { 'web.1': 'up', 'worker.1': 'down' })
    assert.equal(await ask(w), 'one')
  })
})
