import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { dyno, rawDyno, request, routedApp, say, testRouter } from './testing.ts'

const bodyOf = (answer: string): string => answer.split('\r\n\r\n').slice(1).join('\r\n\r\n')
const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

test('answers keep their status, words and headers in order and number', async () => {
  await using router = await testRouter()
  await using app = await rawDyno((socket) =>
    socket.once('data', () =>
      socket.end(
        'HTTP/1.1 418 I am a teapot\r\nSet-Cookie: a=1\r\nX-Latin: \xe9\r\nset-cookie: b=2\r\n' +
          'Connection: close, X-Hop\r\nKeep-Alive: timeout=9\r\nContent-Length: 2\r\n\r\nhi',
        'latin1',
      ),
    ),
  )
  await router.publish(routedApp({ instances: [app.instance] }))

  const answer = await say(router.port, request())

  assert.match(
    answer,
    /^HTTP\/1\.1 418 I am a teapot\r\nSet-Cookie: a=1\r\nX-Latin: \xe9\r\nset-cookie: b=2\r\n/,
  )
  assert.match(answer, /\r\nVia: 1\.1 hokku\r\n/)
  assert.doesNotMatch(answer, /X-Hop|timeout=9/)
})

test('HEAD, 204 and 304 have no body and leave the connection usable', async () => {
  await using router = await testRouter()
  await using app = await dyno((incoming, response) => {
    const status = Number(incoming.url?.slice(1))
    response.writeHead(status, status === 200 ? { 'Content-Length': 1234 } : {}).end()
  })
  await router.publish(routedApp({ instances: [app.instance] }))
  const keep = (line: string): string => `${line} HTTP/1.1\r\nHost: demo.localhost\r\n\r\n`

  const answers = await say(
    router.port,
    keep('HEAD /200') + keep('GET /204') + keep('GET /304') + request('/205'),
  )

  assert.deepEqual(answers.match(/HTTP\/1\.1 \d+/g), [
    'HTTP/1.1 200',
    'HTTP/1.1 204',
    'HTTP/1.1 304',
    'HTTP/1.1 205',
  ])
  assert.match(answers, /Content-Length: 1234/)
})

test('chunks and trailers pass both ways', async () => {
  await using router = await testRouter()
  await using app = await dyno((incoming, response) => {
    response.setHeader('Trailer', 'X-Sum')
    incoming.on('data', (chunk) => response.write(chunk))
    incoming.on('end', () => {
      response.addTrailers({ 'X-Sum': String(incoming.trailers['x-count']) })
      response.end()
    })
  })
  await router.publish(routedApp({ instances: [app.instance] }))

  const answer = await say(
    router.port,
    'POST / HTTP/1.1\r\nHost: demo.localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n' +
      'Trailer: X-Count\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nX-Count: 11\r\n\r\n',
  )

  assert.match(answer, /Transfer-Encoding: chunked/)
  assert.equal(bodyOf(answer).replaceAll(/^[\da-f]+\r\n|\r\n/gm, ''), 'hello worldX-Sum: 11')
})

test('a client that expects 100-continue gets 100 Continue from the app', async () => {
  await using router = await testRouter()
  await using app = await dyno((incoming, response) => void incoming.pipe(response))
  app.server.on('checkContinue', (incoming: IncomingMessage, response) => {
    if (incoming.url === '/no') return response.writeHead(403).end('no')
    response.writeContinue()
    incoming.pipe(response)
  })
  await router.publish(routedApp({ instances: [app.instance] }))
  const head = (path: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: demo.localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n`

  const client = connect(router.port, '127.0.0.1')
  client.write(`${head('/yes')}Connection: close\r\n\r\n`)
  const [first] = (await once(client, 'data')) as [Buffer]
  client.write('body')
  const rest = await buffer(client)
  const refused = await say(router.port, `${head('/no')}\r\n`)

  assert.equal(first.toString(), 'HTTP/1.1 100 Continue\r\n\r\n')
  assert.match(rest.toString(), /^HTTP\/1\.1 200 [^]*body/)
  assert.match(refused, /^HTTP\/1\.1 403 [^]*Connection: close/)
})

test('what cannot be read after a whole request does not swallow the answer to it', async () => {
  await using router = await testRouter()
  await using app = await dyno((incoming, response) => {
    incoming.resume().on('end', () => setTimeout(() => response.end('done'), 50))
  })
  await router.publish(routedApp({ instances: [app.instance] }))
  const post = 'POST / HTTP/1.1\r\nHost: demo.localhost\r\nContent-Length: 4\r\n\r\nbody'

  const answers = await say(router.port, `${post}GARBAGE\r\n\r\n`)
  const cut = await say(
    router.port,
    'POST / HTTP/1.1\r\nHost: demo.localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  )

  assert.match(answers, /^HTTP\/1\.1 200 [^]*done[^]*HTTP\/1\.1 400 /)
  assert.match(cut, /^HTTP\/1\.1 400 /)
})

test('early hints reach the client before the answer', async () => {
  await using router = await testRouter()
  await using app = await dyno((_, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' }, () => {
      response.end('page')
    })
  })
  await router.publish(routedApp({ instances: [app.instance] }))

  const answer = await say(router.port, request())

  assert.match(answer, /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/style.css>[^]*HTTP\/1\.1 200 OK/)
})

test('HTTP/1.0 clients get an answer without chunks that ends with the connection', async () => {
  await using router = await testRouter()
  await using app = await dyno((_, response) => {
    response.write('one ')
    setTimeout(() => response.end('two'), 10)
  })
  await router.publish(routedApp({ instances: [app.instance] }))

  const answer = await say(router.port, 'GET / HTTP/1.0\r\nHost: demo.localhost\r\n\r\n')

  assert.equal(bodyOf(answer), 'one two')
})

test('large bodies pass whole, and wait for the slower side', async () => {
  await using router = await testRouter()
  const body = randomBytes(24 * 1024 * 1024)
  let waiting = 0
  await using app = await dyno((incoming, response) => {
    // Reads slowly for a while, then gives everything back.
    incoming.pause()
    setTimeout(() => void buffer(incoming).then((bytes) => response.end(bytes)), 200)
  })
  await router.publish(routedApp({ instances: [app.instance] }))

  const outgoing = httpRequest({
    port: router.port,
    host: '127.0.0.1',
    method: 'POST',
    headers: { host: 'demo.localhost', 'content-length': body.length },
  })
  outgoing.write(body)
  setTimeout(() => (waiting = outgoing.socket?.writableLength ?? 0), 100)
  outgoing.end()
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  await new Promise((resolve) => setTimeout(resolve, 200))
  const memory = process.memoryUsage().arrayBuffers
  const returned = await buffer(incoming)

  assert.equal(hash(returned), hash(body))
  // The client was stopped with most of it still to send, and no one in between took it all.
  assert.ok(waiting > body.length / 2, `${waiting} bytes were still to be sent`)
  assert.ok(memory < 6 * body.length, `${memory} bytes in buffers`)
})

test('a client that leaves in the middle of an answer ends it at the dyno', async () => {
  await using router = await testRouter()
  let closed = false
  await using app = await dyno((_, response) => {
    response.on('close', () => (closed = true))
    const timer = setInterval(() => response.write('tick\n'), 10)
    response.on('close', () => clearInterval(timer))
  })
  await router.publish(routedApp({ instances: [app.instance] }))

  const client = connect(router.port, '127.0.0.1')
  client.write(request())
  await once(client, 'data')
  client.destroy()
  const [line] = await router.log(1)

  assert.match(line ?? '', /code=H27 .* dyno=web\.1 .* status=499 bytes=\d+ /)
  while (!closed) await new Promise((resolve) => setTimeout(resolve, 5))
})

test('events of a stream arrive as they are sent', async () => {
  await using router = await testRouter()
  await using app = await dyno((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.flushHeaders()
    setTimeout(() => response.write('data: 1\n\n'), 30)
  })
  await router.publish(routedApp({ instances: [app.instance] }))

  const outgoing = httpRequest({
    port: router.port,
    host: '127.0.0.1',
    headers: { host: 'demo.localhost' },
  })
  outgoing.end()
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  const [event] = (await once(incoming, 'data')) as [Buffer]
  outgoing.destroy()

  assert.equal(event.toString(), 'data: 1\n\n')
})

test('connections to a dyno are used again, but not one whose request was not taken whole', async () => {
  await using router = await testRouter()
  let connections = 0
  await using app = await dyno((incoming, response) => {
    if (incoming.method === 'POST') return response.writeHead(413).end('too much')
    response.end('fine')
  })
  app.server.on('connection', () => connections++)
  await router.publish(routedApp({ instances: [app.instance] }))

  for (let i = 0; i < 5; i++) assert.match(await say(router.port, request()), /fine$/)
  assert.equal(connections, 1)
  const upload = 'POST / HTTP/1.1\r\nHost: demo.localhost\r\nContent-Length: 100\r\n\r\npart'
  assert.match(await say(router.port, `${upload}${'x'.repeat(96)}${request()}`), /413[^]*fine$/)
  const client = connect(router.port, '127.0.0.1')
  client.write(upload)
  const [answer] = (await once(client, 'data')) as [Buffer]
  client.destroy()

  assert.match(answer.toString(), /^HTTP\/1\.1 413/)
  assert.match(await say(router.port, request()), /fine$/)
})

test('a client id is followed from the log to the app', async () => {
  await using router = await testRouter()
  await using app = await dyno((incoming, response) => {
    const { 'x-request-id': id, 'x-forwarded-for': client } = incoming.headers
    response.end(`${String(id)} ${String(client)}`)
  })
  await router.publish(routedApp({ instances: [app.instance] }))
  const id = 'an-id-that-is-long-enough'

  const answer = await say(
    router.port,
    request('/', 'demo.localhost', `X-Request-ID: ${id}`, 'X-Forwarded-For: 1.2.3.4'),
  )
  const [line] = await router.log(1)

  assert.equal(bodyOf(answer), `${id} 1.2.3.4, 127.0.0.1`)
  assert.match(
    line ?? '',
    new RegExp(`request_id=${id} fwd="1\\.2\\.3\\.4, 127\\.0\\.0\\.1" dyno=web\\.1`),
  )
})

test('an unsupported expectation is refused, and the log says so', async () => {
  await using router = await testRouter()
  await router.publish(routedApp())

  const answer = await say(router.port, request('/', 'demo.localhost', 'Expect: miracles'))

  assert.match(answer, /^HTTP\/1\.1 417 /)
  assert.match((await router.log(1))[0] ?? '', /code=H26 desc="Request Error" .* status=417 /)
})

test('answers in many small pieces wait for a slow client as a whole', async () => {
  await using router = await testRouter()
  const pieces = 20_000
  await using app = await rawDyno((socket) =>
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n')
      socket.end(`${'64\r\n'.concat('x'.repeat(100), '\r\n').repeat(pieces)}0\r\n\r\n`)
    }),
  )
  await router.publish(routedApp({ instances: [app.instance] }))
  const warnings: Error[] = []
  const note = (warning: Error): void => void warnings.push(warning)
  process.on('warning', note)

  const client = httpRequest({
    port: router.port,
    host: '127.0.0.1',
    headers: { host: 'demo.localhost' },
  })
  client.end()
  const [incoming] = (await once(client, 'response')) as [IncomingMessage]
  await new Promise((resolve) => setTimeout(resolve, 200))
  const bytes = await buffer(incoming)
  process.off('warning', note)

  assert.equal(bytes.length, pieces * 100)
  assert.deepEqual(warnings, [])
})
