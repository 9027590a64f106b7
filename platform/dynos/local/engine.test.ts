import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { localSubject } from '../conformance/local.ts'
import { openEngineWorld, type EngineWorld } from '../conformance/world.ts'

// Plain programs, without a sandbox; the conformance suite tries both kinds to the last detail.
describe('local engine', () => {
  let world: EngineWorld
  before(async () => (world = await openEngineWorld(await localSubject(true))))
  after(async () => await world.close())

  const GRACE = { graceMs: 60_000 }

  test('a program runs in its slug, its output is kept, and its status is known', async () => {
    const { exit, output, id } = await world.run('echo "$GREETING from $PWD" >&2; exit 3', {
      env: { GREETING: 'hello' },
    })

    assert.equal(exit?.code, 3)
    assert.match(output, /^hello from \/.*\n$/)
    const file = world.engine.output(id)
    await world.engine.remove(id)
    assert.equal(existsSync(file), false)
    assert.deepEqual(
      (await world.engine.list()).filter((state) => state.id === id),
      [],
    )
  })

  test('a running instance is listed, measured and found again by the next control plane', async () => {
    const spec = world.spec(
      'trap "echo bye; exit 0" TERM; echo ready; while :; do sleep 0.05; done',
    )
    await world.engine.start(spec)
    await world.outputs(spec.id, /ready/)

    const engine = await world.reopen()
    const found = (await engine.list()).find(({ id }) => id === spec.id)
    const bytes = engine.memoryBytes([spec.id]).get(spec.id) ?? 0
    const listening = await engine.listensOn(spec.id)
    const exit = await engine.stop(spec.id, GRACE)

    assert.equal(found?.phase, 'running')
    assert.ok(bytes > 0)
    assert.deepEqual(listening, [])
    assert.equal(exit?.code, 0)
    assert.match(world.output(spec.id), /bye/)
    assert.equal(await engine.stop(spec.id, GRACE).then((again) => again?.code ?? null), 0)
  })

  test('a program that ignores SIGTERM is killed after the grace, and that is reported', async () => {
    const spec = world.spec('trap "" TERM; echo ready; while :; do sleep 0.05; done')
    await world.engine.start(spec)
    await world.outputs(spec.id, /ready/)
    let over = 0

    const exit = await world.engine.stop(spec.id, { graceMs: 50, onGraceOver: () => over++ })

    assert.equal(exit?.signal, 'SIGKILL')
    assert.equal(over, 1)
  })

  test('kill ends the whole tree', async () => {
    const spec = world.spec('trap "" TERM; sleep 600 & echo ready; wait')
    await world.engine.start(spec)
    await world.outputs(spec.id, /ready/)

    await world.engine.kill(spec.id)

    assert.equal((await world.ended(spec.id)).phase, 'exited')
  })

  test('an attached program has a terminal of the client’s size, or plain pipes', async () => {
    const terminal = await world.engine.attach(world.spec('stty size; exit 4', { env: {} }), {
      columns: 91,
      rows: 27,
    })
    assert.equal(await text(terminal.output), '27 91\r\n')
    assert.equal((await terminal.ended).code, 4)

    const pipes = await world.engine.attach(world.spec('tr a-z A-Z'), null)
    pipes.input.end('hello')
    assert.equal(await text(pipes.output), 'HELLO')
    assert.equal((await pipes.ended).code, 0)

    const left = await world.engine.attach(world.spec('echo ready; exec sleep 600'), null)
    await once(left.output, 'data')
    left.hangUp()
    assert.equal((await left.ended).signal, 'SIGHUP')
  })

  test('there is one node', async () => {
    const [node] = await world.engine.nodes()

    assert.equal(node?.healthy, true)
    assert.equal(world.engine.can.nodes, 'one')
  })
})
