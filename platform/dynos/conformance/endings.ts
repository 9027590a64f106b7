import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { APP, fixtures, LIMITS, until, type EngineWorld } from './world.ts'

/** How instances end: by themselves, by the kernel, by us. */
export const endings = (world: () => EngineWorld): void => {
  describe('exit statuses', () => {
    for (const [command, code] of [
      ['true', 0],
      ['exit 1', 1],
      ['exit 3', 3],
      ['no-such-program', 127],
      ['touch not-a-program; ./not-a-program', 126],
    ] as const) {
      test(`\`${command}\` ends with ${code}`, async () => {
        const { exit } = await world().run(command)

        assert.deepEqual(exit, { code, signal: null, oom: false })
      })
    }

    for (const [signal, code] of [
      ['SIGKILL', 137],
      ['SIGTERM', 143],
      ['SIGSEGV', 139],
    ] as const) {
      test(`a process that dies of ${signal} ends with ${code}`, async () => {
        const { exit } = await world().run(`kill -${signal.slice(3)} $$`)

        assert.deepEqual(exit, { code, signal, oom: false })
      })
    }

    test('what an app left in the background ends with it', async () => {
      const { run } = world()
      const mark = `9${process.pid}.5`

      await run(`setsid sleep ${mark} & sleep 0.2; echo done`)

      await until('the end of the sleep', async () =>
        isRunning(`sleep ${mark}`) ? undefined : true,
      )
    })

    test('memory beyond the limit ends the instance, and it is known why', async (t) => {
      const { engine, run, makeSlug } = world()
      if (!engine.can.limits) return t.skip('this machine does not limit memory')
      const slug = await makeSlug(fixtures('hold.py'))

      const { exit } = await run('/usr/bin/python3 hold.py', { slug, env: { MEGABYTES: '400' } })

      assert.deepEqual(exit, { code: 137, signal: 'SIGKILL', oom: true })
    })

    test('forks beyond the limit fail, and other instances do not notice', async (t) => {
      const { engine, run } = world()
      if (!engine.can.limits) return t.skip('this machine does not limit processes')
      const forks = 'for i in $(seq 60); do sleep 5 & done 2>/dev/null; jobs -r | wc -l'

      const few = await run(forks, { limits: { ...LIMITS, processes: 20 } })
      const many = await run(forks, { limits: { ...LIMITS, processes: 100 } })

      assert.ok(!few.output.includes('60'), few.output)
      assert.match(many.output, /60/)
    })
  })

  describe('stopping', () => {
    test('a program hears SIGTERM exactly once, however often it is asked to stop', async () => {
      const { engine, spec, outputs, output, makeSlug } = world()
      const slug = await makeSlug(fixtures('count-term.py'))
      const wanted = spec('/usr/bin/python3 count-term.py', { slug })
      await engine.start(wanted)
      await outputs(wanted.id, /ready/)

      const exits = await Promise.all(
        [1, 2, 3].map(async () => await engine.stop(wanted.id, { graceMs: 10_000 })),
      )

      assert.deepEqual(
        exits.map((exit) => exit?.code),
        [7, 7, 7],
      )
      assert.equal(output(wanted.id).match(/TERM/g)?.length, 1)
    })

    test('it hears it once behind npm too, which passes signals on', async () => {
      const { engine, spec, outputs, output, makeSlug } = world()
      const slug = await makeSlug(fixtures('count-term.py', 'npm.sh'))
      const wanted = spec('exec -a "npm start" bash npm.sh', { slug })
      await engine.start(wanted)
      await outputs(wanted.id, /ready/)

      const exit = await engine.stop(wanted.id, { graceMs: 10_000 })

      assert.equal(exit?.code, 7)
      assert.equal(output(wanted.id).match(/TERM/g)?.length, 1)
    })

    test('all processes of an instance are asked, not only the first', async () => {
      const { engine, spec, outputs } = world()
      const child = '(trap "echo child heard; exit" TERM; echo ready; while :; do sleep 0.05; done)'
      const wanted = spec(`trap : TERM; ${child} & wait; wait`)
      await engine.start(wanted)
      await outputs(wanted.id, /ready/)

      await engine.stop(wanted.id, { graceMs: 10_000 })

      await outputs(wanted.id, /child heard/)
    })

    test('a slow stop within the grace is left to end by itself', async () => {
      const { engine, spec, outputs, output } = world()
      const wanted = spec(
        'trap "sleep 0.5; echo tidy; exit 4" TERM; echo ready; while :; do sleep 0.05; done',
      )
      await engine.start(wanted)
      await outputs(wanted.id, /ready/)
      let over = false

      const exit = await engine.stop(wanted.id, {
        graceMs: 10_000,
        onGraceOver: () => (over = true),
      })

      assert.equal(exit?.code, 4)
      assert.match(output(wanted.id), /tidy/)
      assert.equal(over, false)
    })

    test('who does not listen is killed after the grace, and that is reported before', async () => {
      const { engine, spec, outputs } = world()
      const wanted = spec(`trap "" TERM; echo ready; while :; do sleep 0.05; done`)
      await engine.start(wanted)
      await outputs(wanted.id, /ready/)
      let running: boolean | undefined

      const exit = await engine.stop(wanted.id, {
        graceMs: 300,
        onGraceOver: () => (running = engine.memoryBytes([wanted.id]).has(wanted.id)),
      })

      assert.equal(exit?.code, 137)
      assert.equal(running, true)
    })

    test('a frozen process is killed after the grace', async () => {
      const { engine, spec, outputs } = world()
      const wanted = spec('echo ready; kill -STOP $$; echo never')
      await engine.start(wanted)
      await outputs(wanted.id, /ready/)

      const exit = await engine.stop(wanted.id, { graceMs: 300 })

      assert.equal(exit?.code, 137)
    })

    test('a stop that comes while an instance starts ends it all the same', async () => {
      const { engine, spec, ended } = world()
      const wanted = spec('sleep 100')

      const start = engine.start(wanted)
      await engine.stop(wanted.id, { graceMs: 2000 })
      await start

      assert.notEqual((await ended(wanted.id)).phase, 'running')
    })

    test('kill ends a whole tree that ignores everything', async () => {
      const { engine, spec, outputs } = world()
      const mark = `8${process.pid}.5`
      const stubborn = `trap "" TERM HUP INT; sleep ${mark}`
      const wanted = spec(`(${stubborn}) & (${stubborn}) & echo ready; ${stubborn}`)
      await engine.start(wanted)
      await outputs(wanted.id, /ready/)

      await engine.kill(wanted.id)

      await until('the end of all', async () => (isRunning(`sleep ${mark}`) ? undefined : true))
    })

    test('stopping one instance leaves the others of its app alone', async () => {
      const { engine, spec, outputs } = world()
      const [one, two] = [spec('echo ready; sleep 100'), spec('echo ready; sleep 100')]
      for (const wanted of [one, two]) {
        await engine.start(wanted)
        await outputs(wanted.id, /ready/)
      }

      await engine.stop(one.id, { graceMs: 5000 })

      const left = (await engine.list()).find(({ id }) => id === two.id)
      assert.deepEqual([left?.phase, left?.appId], ['running', APP])
      await engine.kill(two.id)
    })
  })
}

const isRunning = (command: string): boolean =>
  execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' })
    .split('\n')
    .some((line) => line.trim() === command)
