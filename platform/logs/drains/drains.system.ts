import assert from 'node:assert/strict'
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { createServer as createTlsServer, Server as TlsServer } from 'node:tls'
import { portOf } from '@hokku/kit/port-of'
import { openTestLogs, until } from '../testing.ts'
import { openAuthority } from '../../certificates/index.ts'

test('a syslog drain gets every line as an octet-counted frame that names the drain', async (t) => {
  const { app, logs, store } = openTestLogs(t)
  const receiver = await listen(t, createServer())
  const drain = store.logDrains.create(app.id, `syslog://127.0.0.1:${receiver.port}`)

  logs.write(app.id, 'app', 'web.1', 'before the drain')
  logs.refreshDrains(app.id)
  logs.write(app.id, 'app', 'web.1', 'first')
  logs.write(app.id, 'heroku', 'router', 'at=info status=200')
  await until(() => receiver.frames().length === 2, 'two frames')

  const [first, second] = receiver.frames()
  assert.match(first ?? '', /^<190>1 \S+\+00:00 d\.\S+ app web\.1 - first$/)
  assert.match(second ?? '', /^<158>1 \S+ d\.\S+ heroku router - at=info status=200$/)
  assert.ok(first?.includes(drain.token))
})

test('while a receiver is away lines wait; after our own restart sending continues', async (t) => {
  const platform = openTestLogs(t)
  const { app, store } = platform
  const receiver = await listen(t, createServer())
  store.logDrains.create(app.id, `syslog://127.0.0.1:${receiver.port}`)
  platform.logs.refreshDrains(app.id)
  platform.logs.write(app.id, 'app', 'web.1', 'one')
  await until(() => receiver.frames().length === 1, 'the first frame')

  await platform.reopen()
  platform.logs.write(app.id, 'app', 'web.1', 'two')
  await until(() => receiver.frames().length === 2, 'the frame after the restart')
  await receiver.stop()
  await until(() => {
    platform.logs.write(app.id, 'app', 'web.1', 'into the void')
    return platform.messages(3).some((line) => line.startsWith('Error L13'))
  }, 'the failure to be noticed')
  platform.logs.write(app.id, 'app', 'web.1', 'three')
  const successor = await listen(t, createServer(), receiver.port)
  await until(() => successor.frames().some((frame) => frame.endsWith(' - three')), 'the retry')

  const messages = receiver.frames().map((frame) => frame.split(' - ')[1])
  assert.deepEqual(messages.slice(0, 2), ['one', 'two'])
})

test('TLS receivers must be who they say they are; an untrusted one is named as L14', async (t) => {
  const platform = openTestLogs(t)
  const { app, store } = platform
  const authority = await openAuthority(platform.home.certificates)
  const { certPem: cert, keyPem: key } = await authority.leaf('127.0.0.1')
  const receiver = await listen(t, createTlsServer({ cert, key }))

  store.logDrains.create(app.id, `syslog+tls://user:secret@127.0.0.1:${receiver.port}`)
  platform.logs.refreshDrains(app.id)
  platform.logs.write(app.id, 'app', 'web.1', 'confidential')
  await until(() => platform.messages().length === 2, 'the failure')

  assert.match(
    platform.messages(1)[0] ?? '',
    /^Error L14 \(certificate validation\): error="[^"]*certificate[^"]*" .*uri="syslog\+tls:\/\/127\.0\.0\.1:\d+"$/,
  )
  assert.deepEqual(receiver.frames(), [])
})

test('an HTTPS drain posts batches with the headers of Logplex, and repeats what failed', async (t) => {
  const { app, logs, store } = openTestLogs(t)
  const posts: { headers: IncomingMessage['headers']; body: string }[] = []
  const server = createHttpServer((request, response) => {
    void Array.fromAsync(request).then((chunks) => {
      posts.push({ headers: request.headers, body: chunks.join('') })
      response.writeHead(posts.length === 1 ? 503 : 204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const port = portOf(server)
  const url = `http://user:pass%20word@127.0.0.1:${port}/logs?x=1`
  const drain = store.logDrains.create(app.id, url)

  logs.refreshDrains(app.id)
  for (const message of ['one', 'two', 'three']) logs.write(app.id, 'app', 'web.1', message)
  await until(() => posts.length >= 2, 'the repetition')

  const [failed, repeated] = posts
  assert.ok(repeated)
  const { headers, body } = repeated
  assert.equal(body, failed?.body)
  assert.equal(headers['content-type'], 'application/logplex-1')
  assert.equal(headers['logplex-msg-count'], '3')
  assert.equal(headers['logplex-drain-token'], drain.token)
  assert.match(String(headers['user-agent']), /^Logplex\/v\d+$/)
  assert.equal(headers.authorization, `Basic ${Buffer.from('user:pass word').toString('base64')}`)
  assert.deepEqual(
    framesOf(body).map((frame) => frame.replace(/1 \S+/, '1 TIME')),
    ['one', 'two', 'three'].map((message) => `<190>1 TIME host app web.1 - ${message}`),
  )
})

test('a removed drain gets nothing more', async (t) => {
  const { app, logs, store } = openTestLogs(t)
  const receiver = await listen(t, createServer())
  const drain = store.logDrains.create(app.id, `syslog://127.0.0.1:${receiver.port}`)
  logs.refreshDrains(app.id)
  logs.write(app.id, 'app', 'web.1', 'one')
  await until(() => receiver.frames().length === 1, 'the first frame')

  store.logDrains.remove(drain.id)
  logs.refreshDrains(app.id)
  logs.write(app.id, 'app', 'web.1', 'two')
  await until(() => receiver.connections() === 0, 'the end of the connection')

  assert.equal(receiver.frames().length, 1)
})

/** Starts a server on a free port and keeps all that it is sent. */
async function listen(t: TestContext, server: Server, port = 0) {
  let text = ''
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('data', (data) => (text += data.toString('latin1')))
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
  }
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', keep)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  t.after(stop)
  return {
    port: portOf(server),
    frames: () => framesOf(text),
    connections: () => sockets.size,
    stop,
  }
}

/** Complete frames of an octet-counted stream. */
function framesOf(text: string): string[] {
  const frames: string[] = []
  for (let rest = text; rest !== '';) {
    const length = /^(\d+) /.exec(rest)
    assert.ok(length, `no octet count: ${rest.slice(0, 40)}`)
    const start = length[0].length
    frames.push(rest.slice(start, start + Number(length[1])))
    rest = rest.slice(start + Number(length[1]))
  }
  return frames
}
