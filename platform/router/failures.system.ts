import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import type { RoutedState } from './contract.ts'
import { dyno, instanceAt, rawDyno, request, routedApp, say, testRouter } from './testing.ts'

/** Status of the answer, and of the log line its code and what it says of dyno and bytes. */
const facts = (answer: string, line: string | undefined) => [
  Number(answer.split(' ')[1]),
  /code=(\w+)/.exec(line ?? '')?.[1],
  / (dyno=\S*) .* (bytes=\S*) /
    .exec(line ?? '')
    ?.slice(1)
    .join(' '),
]

test('apps that cannot answer say why: crashed, no web process, nothing deployed, maintenance', async () => {
  await using router = await testRouter()
  await using app = await dyno((_, response) => response.end('hello'))
  const instances = [app.instance]
  const cases: [RoutedState, boolean, number, string, RegExp][] = [
    ['crashed', false, 503, 'H10', /heroku logs --tail/],
    ['stopped', false, 503, 'H14', /heroku ps:scale web=1/],
    ['blank', false, 502, 'H81', /git push heroku main/],
    ['live', true, 503, 'H80', /Under maintenance/],
  ]

  for (const [i, [state, maintenance, status, code, words]] of cases.entries()) {
    await router.publish(routedApp({ state, maintenance, instances }))
    const answer = await say(router.port, request())
    const log = await router.log(i + 1)

    assert.deepEqual(facts(answer, log.at(-1)), [status, code, 'dyno= bytes='])
    assert.match(answer, words)
  }
})

test("an app's own pages are shown in a frame, unless they are not web addresses", async () => {
  await using router = await testRouter()
  const pages = {
    errorPageUrl: 'https://pages.example/error?a=1&b="',
    maintenancePageUrl: 'javascript:alert(1)',
  }

  await router.publish(routedApp({ ...pages, state: 'crashed' }))
  const failed = await say(router.port, request())
  await router.publish(routedApp({ ...pages, maintenance: true }))
  const closed = await say(router.port, request())

  assert.match(failed, /<iframe src="https:\/\/pages\.example\/error\?a=1&amp;b=%22"/)
  assert.doesNotMatch(closed, /iframe|javascript/)
})

test('a HEAD request gets the page’s head only, and a refused upload is not read to its end', async () => {
  await using router = await testRouter()
  await router.publish(routedApp({ state: 'crashed' }))

  const head = await say(router.port, request().replace('GET', 'HEAD'))
  const upload = await say(
    router.port,
    'POST / HTTP/1.1\r\nHost: demo.localhost\r\nContent-Length: 1000000\r\n\r\nfirst bytes',
  )

  assert.match(head, /^HTTP\/1\.1 503 [^]*Content-Length: \d{3,}\r\n[^]*\r\n\r\n$/)
  assert.match(upload, /^HTTP\/1\.1 503 [^]*Connection: close\r\n/)
})

test('dynos that break the exchange: nothing said, cut short, not HTTP, too large', async () => {
  await using router = await testRouter()
  const cases: [string, number, string][] = [
    ['', 503, 'H13'],
    ['HTTP/1.1 200 OK\r\nContent-', 503, 'H13'],
    ['SSH-2.0-x\r\n\r\n', 503, 'H17'],
    [`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(70_000)}\r\n\r\n`, 502, 'H25'],
    ['HTTP/1.1 101 Switching Protocols\r\n\r\n', 503, 'H17'],
  ]

  for (const [i, [text, status, code]] of cases.entries()) {
    await using app = await rawDyno((socket) => socket.once('data', () => socket.end(text)))
    await router.publish(routedApp({ instances: [app.instance] }))
    const answer = await say(router.port, request())
    const log = await router.log(i + 1)

    assert.deepEqual(facts(answer, log.at(-1)).slice(0, 2), [status, code], text.slice(0, 40))
    assert.match(answer, /Application error/)
  }
})

test('an answer that is cut short reaches the client cut short, not as if it were whole', async () => {
  await using router = await testRouter()
  await using app = await rawDyno((socket) =>
    socket.once('data', () =>
      socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'),
    ),
  )
  await router.publish(routedApp({ instances: [app.instance] }))

  const answer = await say(router.port, request())

  assert.match(answer, /\r\n3\r\nabc\r\n$/)
  assert.match(
    (await router.log(1))[0] ?? '',
    /sock=backend at=error code=H18 .* status=503 bytes=3 /,
  )
})

test('a refused connection is tried on another dyno, with its body, and only that', async () => {
  await using router = await testRouter()
  await using app = await dyno((incoming, response) => {
    incoming.pipe(response)
  })
  await using gone = await dyno(() => {}, 'two')
  gone.server.close()
  await router.publish(routedApp({ instances: [gone.instance, app.instance] }))

  const post =
    'POST / HTTP/1.1\r\nHost: demo.localhost\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody'
  const answers = await Promise.all(Array.from({ length: 20 }, () => say(router.port, post)))
  await router.publish(routedApp({ instances: [gone.instance] }))
  const refused = await say(router.port, request())

  for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 200 [^]*body/)
  assert.deepEqual(facts(refused, (await router.log(21)).at(-1)), [503, 'H21', 'dyno=web.1 bytes='])
})

test('a dyno that closes without an answer is not asked again', async () => {
  await using router = await testRouter()
  let asked = 0
  await using one = await rawDyno(
    (socket) => socket.once('data', () => socket.end(void asked++)),
    'one',
  )
  await using two = await rawDyno(
    (socket) => socket.once('data', () => socket.end(void asked++)),
    'two',
  )
  await router.publish(routedApp({ instances: [one.instance, two.instance] }))

  const answer = await say(router.port, request())

  assert.match(answer, /^HTTP\/1\.1 503/)
  assert.equal(asked, 1)
})

test('a silent dyno: no first byte (H12), then no next byte (H15)', async () => {
  await using router = await testRouter({ firstByteMs: 100, idleMs: 200 })
  await using app = await rawDyno((socket) =>
    socket.once('data', (head) => {
      if (head.includes('/begun')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc')
    }),
  )
  await router.publish(routedApp({ instances: [app.instance] }))

  const silent = await say(router.port, request('/silent'))
  const begun = await say(router.port, request('/begun'))
  const log = await router.log(2)

  assert.deepEqual(facts(silent, log[0]), [503, 'H12', 'dyno=web.1 bytes=0'])
  assert.deepEqual(facts(begun, log[1]), [200, 'H15', 'dyno=web.1 bytes=3'])
})

test('the time for the first byte begins when the request has been sent', async () => {
  await using router = await testRouter({ firstByteMs: 150, idleMs: 400 })
  await using app = await dyno((incoming, response) => {
    incoming.resume().on('end', () => response.end('got it'))
  })
  await router.publish(routedApp({ instances: [app.instance] }))

  const client = connect(router.port, '127.0.0.1')
  client.write(
    'POST / HTTP/1.1\r\nHost: demo.localhost\r\nContent-Length: 4\r\nConnection: close\r\n\r\n',
  )
  for (const byte of 'body') {
    await new Promise((resolve) => setTimeout(resolve, 100))
    client.write(byte)
  }
  const [answer] = (await once(client, 'data')) as [Buffer]
  client.destroy()

  assert.match(answer.toString(), /^HTTP\/1\.1 200/)
})

test('a client that stops in the middle of its upload (H28), or goes (H27), frees the dyno', async () => {
  await using router = await testRouter({ idleMs: 200 })
  let closed = 0
  await using app = await rawDyno((socket) => socket.resume().on('close', () => closed++))
  await router.publish(routedApp({ instances: [app.instance] }))
  const begun = 'POST / HTTP/1.1\r\nHost: demo.localhost\r\nContent-Length: 9\r\n\r\nabc'

  const idle = await say(router.port, begun)
  const client = connect(router.port, '127.0.0.1')
  client.write(begun)
  setTimeout(() => client.destroy(), 50)
  const log = await router.log(2)

  assert.deepEqual(facts(idle, log[0]).slice(0, 2), [499, 'H28'])
  assert.match(log[1] ?? '', /^sock=client at=info code=H27 .* dyno=web\.1 .* status=499 bytes=0 /)
  while (closed < 2) await new Promise((resolve) => setTimeout(resolve, 5))
})

test('a dyno that takes no connection runs into the time limit (H19)', async () => {
  // A stopped process with a full backlog: the kernel answers no further SYN.
  const script = `require('net').createServer().listen(0, '127.0.0.1', 1, function () {
    console.log(this.address().port); process.kill(process.pid, 'SIGSTOP') })`
  await using router = await testRouter({ connectMs: 200 })
  const child = spawn(process.execPath, ['-e', script])
  const [text] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(text)
  const fillers = Array.from({ length: 6 }, () => connect(port, '127.0.0.1').on('error', () => {}))
  await new Promise((resolve) => setTimeout(resolve, 100))
  await router.publish(routedApp({ instances: [instanceAt(port)] }))

  const answer = await say(router.port, request())

  assert.deepEqual(facts(answer, (await router.log(1))[0]), [503, 'H19', 'dyno=web.1 bytes='])
  for (const filler of fillers) filler.destroy()
  child.kill('SIGKILL')
})
