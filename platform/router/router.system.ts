import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { openAuthority } from '../certificates/index.ts'
import { dyno, request, routedApp, say, testRouter } from './testing.ts'

test('a request goes to the app of its host, regardless of the port in it', async () => {
  await using router = await testRouter()
  await using app = await dyno((_, response) => response.end('hello'))
  await router.publish(routedApp({ instances: [app.instance] }))

  const answers = await Promise.all(
    ['demo.localhost', `demo.localhost:${router.port}`, 'DEMO.localhost.'].map((host) =>
      say(router.port, request('/', host)),
    ),
  )

  for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nhello$/)
})

test('an unknown host gets a page that names no app', async () => {
  await using router = await testRouter()
  await using app = await dyno((_, response) => response.end('hello'))
  await router.publish(routedApp({ instances: [app.instance] }))

  const answer = await say(router.port, request('/', 'other.localhost'))

  assert.match(answer, /^HTTP\/1\.1 404 Not Found\r\n/)
  assert.match(answer, /There is no app at <b>other\.localhost<\/b>/)
  assert.doesNotMatch(answer, /hello|demo/)
})

test('TLS on the same port: every name of ours has a certificate that the root vouches for', async () => {
  await using router = await testRouter()
  await using app = await dyno((_, response) => response.end('hello'))
  await using plane = createServer((_, response) => response.end('plane')).listen(
    router.config.plane,
  )
  await router.publish(
    routedApp({ hosts: ['demo.localhost', 'shop.example'], instances: [app.instance] }),
  )
  const ca = await readFile(join(router.config.certificates, 'root.pem'))

  const get = async (servername: string): Promise<string> => {
    const socket = connectTls({ port: router.port, host: '127.0.0.1', servername, ca })
    socket.write(request('/', servername))
    let text = ''
    for await (const chunk of socket.setEncoding('utf8')) text += chunk
    return text.split('\r\n\r\n')[1] ?? ''
  }

  assert.deepEqual(await Promise.all(['demo.localhost', 'shop.example', 'localhost'].map(get)), [
    'hello',
    'hello',
    'plane',
  ])
  await assert.rejects(get('stranger.example'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  plane.closeAllConnections()
})

test('a wildcard takes every name below it, and a certificate of one’s own goes before ours', async () => {
  await using router = await testRouter()
  await using app = await dyno((incoming, response) => response.end(incoming.headers.host))
  const foreign = await openAuthority(join(router.config.certificates, 'foreign'))
  const own = { hosts: ['own.example'], ...(await foreign.leaf('own.example')) }
  await router.publish(
    routedApp({
      hosts: ['*.shop.example', 'own.example'],
      instances: [app.instance],
      certificates: [own],
    }),
  )

  await Promise.all(
    [
      ['a.shop.example', join(router.config.certificates, 'root.pem')],
      ['b.shop.example', join(router.config.certificates, 'root.pem')],
      ['own.example', foreign.rootFile],
    ].map(async ([servername = '', root = '']) => {
      const ca = await readFile(root)
      const socket = connectTls({ port: router.port, host: '127.0.0.1', servername, ca })
      socket.write(request('/', servername))
      assert.match(await text(socket), new RegExp(`${servername}$`))
    }),
  )

  assert.match(await say(router.port, request('/', 'deep.down.shop.example')), /^HTTP\/1\.1 200/)
  assert.match(await say(router.port, request('/', 'shop.example')), /^HTTP\/1\.1 404/)
})

test('API, git and dashboard go to the control plane, with who came and how', async () => {
  await using router = await testRouter()
  await using plane = createServer((incoming, response) => {
    const { host, 'x-forwarded-for': client, 'x-forwarded-proto': protocol } = incoming.headers
    response.end(JSON.stringify([incoming.url, host, client, protocol]))
  }).listen(router.config.plane)
  await once(plane, 'listening')

  const hosts = ['localhost', '127.0.0.1', '[::1]', `localhost:${router.port}`]
  const answers = await Promise.all(
    hosts.map((host) => say(router.port, request('/account', host))),
  )

  assert.deepEqual(
    answers.map((answer) => JSON.parse(answer.split('\r\n\r\n')[1] ?? '') as unknown),
    hosts.map((host) => ['/account', host, '127.0.0.1', 'http']),
  )
  plane.closeAllConnections()
})
