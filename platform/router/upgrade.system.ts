import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { dyno, routedApp, say, testRouter, type TestServer } from './testing.ts'

const UPGRADE =
  'GET /socket HTTP/1.1\r\nHost: demo.localhost\r\nConnection: keep-alive, Upgrade\r\n' +
  'Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

/** A dyno that accepts every upgrade and sends back what it hears. */
async function echo(): Promise<TestServer> {
  const app = await dyno((_, response) => response.end('no upgrade'))
  app.server.on('upgrade', (_, socket: Socket, first: Buffer) => {
    socket.on('error', () => {})
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    )
    socket.write(first)
    socket.pipe(socket)
  })
  return app
}

/** Reads until `text` has come. */
async function until(socket: Socket, text: string): Promise<string> {
  let all = ''
  while (!all.includes(text)) all += String((await once(socket, 'data'))[0])
  return all
}

test('an upgraded connection carries bytes both ways until one side ends it', async () => {
  await using router = await testRouter()
  await using app = await echo()
  await router.publish(routedApp({ instances: [app.instance] }))

  const client = connect(router.port, '127.0.0.1')
  client.write(`${UPGRADE}early`)
  const head = await until(client, 'early')
  client.write('later')
  await until(client, 'later')
  client.end()
  await once(client, 'close')
  const [line] = await router.log(1)

  assert.match(head, /^HTTP\/1\.1 101 Switching Protocols\r\n[^]*Upgrade: websocket\r\n/)
  assert.match(
    line ?? '',
    /^at=info method=GET path="\/socket" .* dyno=web\.1 .* status=101 bytes=10 /,
  )
})

test('a dyno that declines gets its answer through, and the connection ends', async () => {
  await using router = await testRouter()
  await using app = await dyno((_, response) => response.writeHead(401).end('who are you?'))
  await router.publish(routedApp({ instances: [app.instance] }))

  const answer = await say(router.port, UPGRADE)

  assert.match(answer, /^HTTP\/1\.1 401 [^]*Connection: close\r\n[^]*who are you\?/)
  assert.match((await router.log(1))[0] ?? '', / status=401 /)
})

test('a long answer to an upgrade waits for a slow client', async () => {
  await using router = await testRouter()
  const body = 'x'.repeat(8 * 1024 * 1024)
  await using app = await dyno((_, response) => response.writeHead(403).end(body))
  await router.publish(routedApp({ instances: [app.instance] }))

  const client = connect(router.port, '127.0.0.1')
  client.write(UPGRADE)
  await once(client, 'readable')
  await new Promise((resolve) => setTimeout(resolve, 200))
  const answer = await text(client)

  assert.equal(answer.length - answer.indexOf('\r\n\r\n') - 4, body.length)
})

test('an offer of HTTP/2 in clear text is ignored', async () => {
  await using router = await testRouter()
  await using app = await echo()
  await router.publish(routedApp({ instances: [app.instance] }))

  const answer = await say(
    router.port,
    'GET / HTTP/1.1\r\nHost: demo.localhost\r\nConnection: close, Upgrade, HTTP2-Settings\r\n' +
      'Upgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n',
  )

  assert.match(answer, /^HTTP\/1\.1 200 [^]*no upgrade$/)
})

test('with a body it is a request first of all, even if it asks for an upgrade', async () => {
  await using router = await testRouter()
  await using app = await dyno((incoming, response) => void incoming.pipe(response))
  await router.publish(routedApp({ instances: [app.instance] }))

  for (const protocol of ['h2c', 'websocket']) {
    const answer = await say(
      router.port,
      `POST / HTTP/1.1\r\nHost: demo.localhost\r\nConnection: close, Upgrade\r\nUpgrade: ${protocol}\r\n` +
        'Content-Length: 4\r\n\r\nbody',
    )

    assert.match(answer, /^HTTP\/1\.1 200 [^]*body/, protocol)
  }
})

test('a drain cuts upgraded connections at once', async () => {
  await using router = await testRouter()
  await using app = await echo()
  await router.publish(routedApp({ instances: [app.instance] }))
  const client = connect(router.port, '127.0.0.1')
  client.write(`${UPGRADE}ready`)
  await until(client, 'ready')

  await router.publish(routedApp({ instances: [] }))
  client.write('still here')
  await until(client, 'still here')
  const closed = once(client, 'close')
  await router.link.drain(['one'], 10_000)
  await closed

  assert.match((await router.log(1))[0] ?? '', / status=101 /)
})

test('silence ends an upgraded connection (H15), words keep it', async () => {
  await using router = await testRouter({ idleMs: 1000 })
  await using app = await echo()
  await router.publish(routedApp({ instances: [app.instance] }))
  const client = connect(router.port, '127.0.0.1')
  client.write(`${UPGRADE}ready`)
  await until(client, 'ready')

  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 400))
    client.write('on')
  }
  await once(client.resume(), 'close')

  assert.match((await router.log(1))[0] ?? '', /code=H15 .* service=\d{4}ms status=503 /)
})

test('without a dyno an upgrade gets the page that a request would get', async () => {
  await using router = await testRouter()
  await router.publish(routedApp({ state: 'crashed' }))

  const crashed = await say(router.port, UPGRADE)
  const unknown = await say(router.port, UPGRADE.replace('demo', 'nobody'))

  assert.match(crashed, /^HTTP\/1\.1 503 [^]*Application error/)
  assert.match(unknown, /^HTTP\/1\.1 404 /)
})
