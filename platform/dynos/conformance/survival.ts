import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { fixtures, until, type ClientRequest, type EngineWorld } from './world.ts'

/** What happens to instances when the process that started them is killed. */
export const survival = (world: () => EngineWorld): void => {
  /** Runs an engine client elsewhere until it says that it is done, and kills it with SIGKILL. */
  const killedClient = async (request: Omit<ClientRequest, 'slugId'> & { slugId?: string }) => {
    const { client, makeSlug, spec } = world()
    const slugId = request.slugId ?? (await makeSlug({})).id
    spec('', { id: request.id })
    const [file = '', ...args] = client({ ...request, slugId })
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')
    return await world().reopen()
  }

  describe('after kill -9 of the engine’s client', () => {
    test('an instance runs on, and the next client finds and stops it', async () => {
      const { outputs } = world()
      const id = randomUUID()
      const command = 'trap "echo stopped; exit 9" TERM; echo ready; while :; do sleep 0.05; done'

      const engine = await killedClient({ do: 'start', id, command })

      await outputs(id, /ready/)
      const found = (await engine.list()).find((state) => state.id === id)
      assert.deepEqual([found?.phase, found?.name], ['running', 'web.1'])
      assert.equal((await engine.stop(id, { graceMs: 10_000 }))?.code, 9)
    })

    test('no line of output is lost, and their order stays', async () => {
      const { output, ended } = world()
      const id = randomUUID()

      await killedClient({
        do: 'start',
        id,
        command: 'for i in $(seq 200); do echo $i; sleep 0.002; done',
      })
      await ended(id)

      assert.equal(output(id), Array.from({ length: 200 }, (_, i) => `${i + 1}\n`).join(''))
    })

    test('an end that was not seen is known to the next client', async () => {
      const { ended } = world()
      const id = randomUUID()

      await killedClient({ do: 'start', id, command: 'sleep 0.3; exit 5' })

      assert.deepEqual((await ended(id)).exit, { code: 5, signal: null, oom: false })
    })

    test('the next client hears of an end that comes later', async () => {
      const id = randomUUID()
      const engine = await killedClient({ do: 'start', id, command: 'sleep 4; exit 6' })
      const heard: (number | null)[] = []

      engine.watch((state) => state.id === id && heard.push(state.exit?.code ?? null))

      await until('the end', async () => (heard.length > 0 ? true : undefined))
      assert.deepEqual(heard, [6])
    })

    test('the next client does not start what runs already', async () => {
      const { spec, outputs, output } = world()
      const id = randomUUID()
      const command = 'echo started; sleep 100'
      const engine = await killedClient({ do: 'start', id, command })
      await outputs(id, /started/)

      await engine.start(spec(command, { id }))

      assert.equal(output(id), 'started\n')
      await engine.kill(id)
    })

    test('a stop that the dead client began is not begun again: one SIGTERM in all', async () => {
      const { makeSlug, output, ended } = world()
      const id = randomUUID()
      const slug = await makeSlug({
        ...fixtures('count-term.py'),
        'run.sh': 'trap "" HUP; exec /usr/bin/python3 count-term.py',
      })

      const engine = await killedClient({ do: 'stop', id, command: 'bash run.sh', slugId: slug.id })
      await engine.stop(id, { graceMs: 10_000 })

      assert.equal((await ended(id)).exit?.code, 7)
      assert.equal(output(id).match(/TERM/g)?.length, 1)
    })

    test('a program that was attached to it does not linger', async () => {
      const id = randomUUID()
      const engine = await killedClient({ do: 'attach', id, command: 'cat' })

      await until('the end of cat', async () => {
        const found = (await engine.list()).find((state) => state.id === id)
        return found === undefined || found.phase !== 'running' ? true : undefined
      })
    })
  })
}
