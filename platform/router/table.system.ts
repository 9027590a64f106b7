import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { Agent, createServer, get } from 'node:http'
import { connect, createServer as createNetServer } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openRouterLink } from './control-client.ts'
import { parseTable } from './table-file.ts'
import {
  dyno,
  rawDyno,
  request,
  routedApp,
  say,
  testRouter,
  type TestRouter,
  type TestServer,
} from './testing.ts'

test('a table is on disk when it is acknowledged', async () => {
  await using router = await testRouter()
  await using app = await dyno((_, response) => response.end('hello'))

  await router.publish(routedApp({ instances: [app.instance] }))

  const kept = parseTable(await readFile(router.config.table, 'utf8'))
  assert.deepEqual(kept?.apps[0]?.instances, [app.instance])
})

test('of many tables at once the last one counts, and each is acknowledged', async () => {
  await using router = await testRouter()
  await using app = await dyno((_, response) => response.end('hello'))
  const instances = [app.instance]

  await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      router.publish(routedApp({ hosts: [`app-${i}.localhost`], instances })),
    ),
  )

  assert.match(await say(router.port, request('/', 'app-49.localhost')), /hello$/)
  assert.match(await say(router.port, request('/', 'app-48.localhost')), /^HTTP\/1\.1 404/)
})

test('swapping under load fails no request, and a drain ends with the last one', async () => {
  await using router = await testRouter()
  const load = startLoad(router.port, 8)
  const served = new Set<string>()
  let old: { app: TestServer; busy: () => number } | undefined
  for (let version = 0; version < 12; version++) {
    let busy = 0
    const app = await dyno((_, response) => {
      busy++
      served.add(app.instance.id)
      setTimeout(() => response.end('hello', () => busy--), 20)
    }, `v${version}`)
    await router.publish(routedApp({ instances: [app.instance] }))
    if (old !== undefined) {
      await router.link.drain([old.app.instance.id], 10_000)
      assert.equal(old.busy(), 0, 'nothing may be under way at a drained dyno')
      await old.app[Symbol.asyncDispose]()
    }
    old = { app, busy: () => busy }
    await sleep(50)
  }
  const { failures, answers } = await load.stop()
  await old?.app[Symbol.asyncDispose]()

  assert.deepEqual(failures, [])
  assert.ok(answers > 50, `${answers} answers`)
  assert.equal(served.size, 12)
})

/** Clients that ask again and again over kept connections. */
function startLoad(port: number, clients: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const failures: string[] = []
  let answers = 0
  let isStopped = false
  const ask = (): Promise<void> =>
    new Promise((resolve) => {
      const headers = { host: 'demo.localhost' }
      get({ port, host: '127.0.0.1', agent, headers }, (response) => {
        if (response.statusCode === 200) answers++
        // Before the first table there is no app.
        else if (answers > 0) failures.push(`status ${response.statusCode}`)
        response
          .resume()
          .on('end', resolve)
          .on('error', (error) => {
            failures.push(error.message)
            resolve()
          })
      }).on('error', (error) => {
        failures.push(error.message)
        resolve()
      })
    })
  const client = async (): Promise<void> => {
    while (!isStopped) await ask()
  }
  const all = Array.from({ length: clients }, client)
  return {
    stop: async () => {
      isStopped = true
      await Promise.all(all)
      agent.destroy()
      return { failures, answers }
    },
  }
}

test('a drain waits for a request under way, but not beyond its limit', async () => {
  await using router = await testRouter()
  await using app = await rawDyno(() => {})
  await router.publish(routedApp({ instances: [app.instance] }))
  const client = connect(router.port, '127.0.0.1')
  client.write(request())
  while ((await router.link.drain(['one'], 1), (await underWay(router)) === 0)) await sleep(5)
  await router.publish()

  let drained = false
  const late = router.link.drain(['one'], 300).then(() => (drained = true))
  await sleep(100)
  assert.equal(drained, false)
  await late
  const free = router.link.drain(['one'], 60_000)
  client.destroy()
  await free
})

/** Apps are active while they have requests under way. */
async function underWay(router: TestRouter): Promise<number> {
  return await new Promise((resolve) => router.link.onActivity((apps) => resolve(apps.length)))
}

test('an app that is asleep is woken once, and its requests wait', async () => {
  await using router = await testRouter()
  await using app = await dyno((_, response) => response.end('awake'))
  const woken: string[] = []
  router.link.onWake((appId) => woken.push(appId))
  await router.publish(routedApp({ state: 'asleep' }))

  const waiting = Array.from({ length: 5 }, () => say(router.port, request()))
  while (woken.length === 0) await sleep(5)
  await router.publish(routedApp({ state: 'live' }))
  await sleep(50)
  await router.publish(routedApp({ instances: [app.instance] }))

  for (const answer of await Promise.all(waiting)) assert.match(answer, /awake$/)
  assert.deepEqual(woken, ['app-1'])
})

test('who waits for an app that turns out crashed, stopped or gone gets that answer', async () => {
  await using router = await testRouter()
  const wait = async (): Promise<Promise<string>[]> => {
    await router.publish(routedApp())
    const answer = say(router.port, request())
    await sleep(50)
    return [answer]
  }

  for (const [i, state] of (['crashed', 'stopped', 'blank'] as const).entries()) {
    const waiting = await wait()
    await router.publish(routedApp({ state }))
    assert.match((await waiting[0]) ?? '', /^HTTP\/1\.1 50[23]/)
    assert.match((await router.log(i + 1)).at(-1) ?? '', /code=H(10|14|81)/)
  }
  const waiting = await wait()
  await router.publish()
  assert.match((await waiting[0]) ?? '', /^HTTP\/1\.1 503/)
})

test('waiting has an end (H20), the line too (H11), and leaving it is noticed (H27)', async () => {
  await using router = await testRouter({ bootMs: 700 })
  await router.publish(routedApp())

  const leaver = connect(router.port, '127.0.0.1')
  leaver.write(request())
  await sleep(50)
  leaver.destroy()
  await router.log(1)
  const answers = await Promise.all(Array.from({ length: 53 }, () => say(router.port, request())))
  const codes = (await router.log(54)).map((line) => /code=(\w+)/.exec(line)?.[1])

  assert.deepEqual([codes[0], answers.length], ['H27', 53])
  assert.equal(codes.filter((code) => code === 'H11').length, 3)
  assert.equal(codes.filter((code) => code === 'H20').length, 50)
})

test('apps in use are reported to the control plane, also a new one', async () => {
  await using router = await testRouter()
  await using app = await dyno((_, response) => response.end('hello'))
  await router.publish(routedApp({ instances: [app.instance] }))
  await router.link.close()
  const other = openRouterLink(router.config.control)

  const active = new Promise((resolve) => other.onActivity(resolve))
  await other.publish([routedApp({ instances: [app.instance] })])
  await say(router.port, request())

  assert.deepEqual(await active, ['app-1'])
  await other.close()
})

test('the API waits for a control plane that is restarting, and then answers that it is away', async () => {
  await using router = await testRouter({ planeMs: 400 })
  const html = 'Accept: text/html'

  const [json, page] = await Promise.all([
    say(router.port, request('/apps', 'localhost')),
    say(router.port, request('/dashboard', 'localhost', html)),
  ])
  const waiting = say(router.port, request('/apps', 'localhost'))
  await sleep(100)
  await using plane = createServer((_, response) => response.end('back'))
  plane.listen(router.config.plane)
  await once(plane, 'listening')

  assert.match(json, /^HTTP\/1\.1 503 [^]*application\/json[^]*"id":"maintenance"/)
  assert.match(page, /^HTTP\/1\.1 503 [^]*text\/html[^]*hokku status/)
  assert.match(await waiting, /back$/)
  plane.closeAllConnections()
})

test('so many may wait for the control plane, and the next get an answer at once', async () => {
  const answers: string[] = []
  await using router = await testRouter({ planeMs: 60_000 })
  const ask = async (): Promise<unknown> =>
    answers.push(await say(router.port, request('/apps', 'localhost')))

  for (let i = 0; i < 505; i++) void ask().catch(() => {})
  while (answers.length < 5) await sleep(20)

  assert.equal(answers.length, 5)
  for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 503 /)
})

test('the control plane takes the time it takes, also over a connection that was idle', async () => {
  await using router = await testRouter({ firstByteMs: 100, idleMs: 100 })
  await using plane = createServer((incoming, response) => {
    setTimeout(() => response.end('done'), incoming.url === '/slow' ? 1500 : 0)
  })
  // Sent as a hint, this is how long the router keeps the connection.
  plane.keepAliveTimeout = 2000
  plane.listen(router.config.plane)
  await once(plane, 'listening')

  await say(router.port, request('/quick', 'localhost'))
  const answer = await say(router.port, request('/slow', 'localhost'))

  assert.match(answer, /^HTTP\/1\.1 200 [^]*done$/)
  plane.closeAllConnections()
})

test('a publish finds its end when the router dies before it answers', async () => {
  await using router = await testRouter()
  const path = `${router.config.control}.mute`
  const mute = createNetServer((socket) => {
    socket.write('{"type":"hello","version":7}\n')
    socket.once('data', () => setTimeout(() => socket.destroy(), 50))
  }).listen(path)
  await once(mute, 'listening')
  const link = openRouterLink(path)

  await link.publish([])
  await link.drain(['one'], 60_000)

  await link.close()
  mute.close()
})
