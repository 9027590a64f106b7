import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { describe, test } from 'node:test'
import type { InstanceState } from '../engine.ts'
import { fixtures, until, type EngineWorld } from './world.ts'

/** Starting, listing, ending and forgetting instances. */
export const lifecycle = (world: () => EngineWorld): void => {
  const phaseOf = async (id: string): Promise<InstanceState['phase'] | undefined> =>
    (await world().engine.list()).find((state) => state.id === id)?.phase

  describe('lifecycle', () => {
    test('a started instance is listed as running, with its app and name', async () => {
      const { engine, spec } = world()
      const wanted = spec('sleep 100')

      await engine.start(wanted)

      const found = (await engine.list()).find(({ id }) => id === wanted.id)
      assert.equal(found?.phase, 'running')
      assert.equal(found.appId, wanted.appId)
      assert.equal(found.name, 'web.1')
      await engine.kill(wanted.id)
    })

    test('starting twice starts once, in a row or at the same time', async () => {
      const { engine, spec, outputs, output } = world()
      const wanted = spec('echo started; sleep 100')

      await Promise.all([engine.start(wanted), engine.start(wanted)])
      await engine.start(wanted)

      await outputs(wanted.id, /started/)
      assert.equal(output(wanted.id).match(/started/g)?.length, 1)
      await engine.kill(wanted.id)
    })

    test('an instance that has ended is not started again', async () => {
      const { engine, run, spec, output } = world()
      const { id } = await run('echo once')

      await engine.start(spec('echo once', { id }))

      assert.equal(output(id), 'once\n')
    })

    test('stopping or killing an unknown instance is not a mistake', async () => {
      const { engine } = world()

      assert.equal(await engine.stop('unknown', { graceMs: 10 }), null)
      await engine.kill('unknown')
      await engine.remove('unknown')
    })

    test('an instance that was removed is not listed, and leaves no file', async () => {
      const { engine, run } = world()
      const { id } = await run('true')
      const file = engine.output(id)

      await engine.remove(id)

      assert.equal(await phaseOf(id), undefined)
      await assert.rejects(stat(file))
    })

    test('preparing a slug twice is as good as once', async () => {
      const { engine, makeSlug, run } = world()
      const slug = await makeSlug({ file: 'prepared' })

      await engine.prepare(slug)
      await engine.prepare(slug)

      assert.equal((await run('cat file', { slug })).output, 'prepared')
    })

    test('one app runs several instances side by side', async () => {
      const { engine, spec, outputs } = world()
      const both = [spec('echo $DYNO; sleep 100', { env: { DYNO: 'web.1' } })]
      both.push(spec('echo $DYNO; sleep 100', { env: { DYNO: 'web.2' } }))

      await Promise.all(both.map(async (wanted) => await engine.start(wanted)))

      for (const [index, { id }] of both.entries()) {
        await outputs(id, new RegExp(`web.${index + 1}`))
        await engine.kill(id)
      }
    })

    test('every end is reported to each watcher', async () => {
      const { engine, spec } = world()
      const told: InstanceState[] = []
      engine.watch((state) => told.push(state))
      const all = [spec('exit 1'), spec('exit 2'), spec('sleep 100')]

      for (const wanted of all) await engine.start(wanted)
      await engine.kill(all[2]?.id ?? '')

      const codes = await until('all ends', async () => {
        const mine = told.filter(({ id }) => all.some((wanted) => wanted.id === id))
        const known = new Set(mine.map(({ exit }) => exit?.code))
        return known.size === 3 ? [...known] : undefined
      })
      assert.deepEqual(new Set(codes), new Set([1, 2, 137]))
    })

    test('forty instances start, run and stop, and every one is accounted for', async () => {
      const { engine, spec, outputs, ended } = world()
      const all = Array.from({ length: 40 }, (_, index) => spec(`echo number ${index}; sleep 100`))

      await Promise.all(all.map(async (wanted) => await engine.start(wanted)))
      for (const [index, { id }] of all.entries())
        await outputs(id, new RegExp(`number ${index}\n`))
      await Promise.all(all.map(async ({ id }) => await engine.stop(id, { graceMs: 5000 })))

      for (const { id } of all) assert.equal((await ended(id)).exit?.code, 143)
    })

    test('a port is free for the next instance as soon as the last is gone', async () => {
      const { engine, spec, outputs, makeSlug } = world()
      const port = await freePort()
      const slug = await makeSlug(fixtures('listen.py'))

      for (let round = 0; round < 3; round++) {
        const wanted = spec('/usr/bin/python3 listen.py', { slug, env: { PORT: String(port) } })
        await engine.start(wanted)
        await outputs(wanted.id, /listening/)
        assert.deepEqual(await engine.listensOn(wanted.id), [port])
        await engine.stop(wanted.id, { graceMs: 5000 })
      }
    })

    test('who does not listen listens on no port', async () => {
      const { engine, spec, outputs } = world()
      const wanted = spec('echo ready; sleep 100')
      await engine.start(wanted)
      await outputs(wanted.id, /ready/)

      assert.deepEqual(await engine.listensOn(wanted.id), [])
      await engine.kill(wanted.id)
    })

    test('the memory that an instance holds is known', async () => {
      const { engine, spec, outputs, makeSlug } = world()
      const slug = await makeSlug(fixtures('hold.py'))
      const wanted = spec('/usr/bin/python3 hold.py', { slug, env: { MEGABYTES: '60' } })
      await engine.start(wanted)
      await outputs(wanted.id, /held/)

      const bytes = engine.memoryBytes([wanted.id, 'unknown'])

      const megabytes = (bytes.get(wanted.id) ?? 0) / 2 ** 20
      assert.ok(megabytes > 55 && megabytes < 120, `${megabytes} MB`)
      assert.equal(bytes.get('unknown') ?? 0, 0)
      await engine.kill(wanted.id)
    })

    test('the engine says what it cannot do on this machine', async () => {
      const { engine } = world()

      const [node] = await engine.nodes()

      assert.equal(node?.healthy, true)
      const lacking = [engine.can.isolation, engine.can.limits].filter((can) => !can)
      assert.equal(node.notices.length, lacking.length)
    })
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0)
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new TypeError('no TCP address')
  return address.port
}
