import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { dyno, rawDyno, request, routedApp, say, testRouter } from './testing.ts'

/** A repeatable source of numbers from 0 to below 1, so that a failure can be seen again. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'
const HEADS = [
  'GET / HTTP/1.1\r\nHost: demo.localhost\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: demo.localhost\r\nContent-Length: 300000\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: demo.localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
  `GET / HTTP/1.1\r\nHost: demo.localhost\r\n${UPGRADE}\r\n`,
  'GET / HTTP/1.1\r\nHost: demo.localhost\r\nExpect: 100-continue\r\n\r\n',
]
const ANSWERS = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nhello',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nhello',
  `HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n${'x'.repeat(500_000)}`,
  'nonsense\r\n\r\n',
]

test('clients and dynos that break off anywhere leave nothing under way', async () => {
  await using router = await testRouter({ idleMs: 500, firstByteMs: 500 })
  const random = numbers(20_261_121)
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T
  /** Ends the connection in one of the ways in which connections end, some time soon. */
  const breakOff = (socket: Socket): void => {
    const how = pick(['destroy', 'resetAndDestroy', 'end'] as const)
    setTimeout(() => socket[how](), random() * 30)
  }
  const unruly = (socket: Socket): void => {
    socket.once('data', () => {
      const answer = pick(ANSWERS)
      socket.write(answer.slice(0, random() < 0.5 ? answer.length : random() * answer.length))
      if (random() < 0.7) breakOff(socket)
    })
    socket.resume()
  }
  await using one = await rawDyno(unruly, 'one')
  await using two = await rawDyno(unruly, 'two')
  await router.publish(routedApp({ instances: [one.instance, two.instance] }))

  for (let round = 0; round < 30; round++) {
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        const client = connect(router.port, '127.0.0.1').on('error', () => {})
        const closed = once(client, 'close').catch(() => {})
        client.write(pick(HEADS))
        if (random() < 0.5) client.write('x'.repeat(random() * 200_000))
        if (random() < 0.8) client.resume()
        breakOff(client)
        await Promise.race([closed, sleep(100)])
        client.destroy()
      }),
    )
  }

  await router.link.drain(['one', 'two'], 30_000)
  await using calm = await dyno((_, response) => response.end('calm'), 'three')
  await router.publish(routedApp({ instances: [calm.instance] }))
  await router.link.drain(['one', 'two'], 30_000)
  assert.match(await say(router.port, request()), /calm$/)
  const codes = (await router.log(200)).map((line) => /code=(\w+)/.exec(line)?.[1] ?? 'fine')
  assert.ok(new Set(codes).size > 4, `only ${[...new Set(codes)].join(' ')} happened`)
})
