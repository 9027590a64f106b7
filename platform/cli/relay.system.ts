import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { Problem } from '@hokku/kit/problem'
import { portOf } from '@hokku/kit/port-of'
import { callApi } from './api-client.ts'
import { relayPort, remotePorts, type Remote } from './relay.ts'

/** Stands for a hokku on another machine: it knows one token and echoes what comes by tunnel. */
const server: Server = createServer((request, response) => {
  const isKnown = request.headers.authorization === 'Bearer good'
  response.statusCode = isKnown ? 200 : 401
  response.end(
    JSON.stringify(isKnown ? { platform: '127.0.0.1:8080' } : { message: 'Invalid credentials.' }),
  )
})
const tunnels: string[] = []
const tunneled = new Set<Socket>()
server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
  tunnels.push(`${request.url} ${request.headers.upgrade} ${request.headers.authorization}`)
  const head = ['HTTP/1.1 101 Switching Protocols', 'Connection: upgrade', 'Upgrade: hokku-tunnel']
  socket.write(`${head.join('\r\n')}\r\n\r\nhello `)
  socket.pipe(socket)
  tunneled.add(socket)
})
let remote: Remote

before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  remote = { url: new URL(`http://127.0.0.1:${port}`), token: 'good', ca: undefined }
})
after(() => {
  // Upgraded connections are no longer the server's.
  for (const socket of tunneled) socket.destroy()
  server.closeAllConnections()
  server.close()
})

test('the ports of a remote platform are asked for with the token', async () => {
  assert.deepEqual(await remotePorts(remote), { platform: '127.0.0.1:8080' })
})

test('a token that is refused, and a machine that does not answer, give different errors', async () => {
  const codeOf = (other: Partial<Remote>) =>
    remotePorts({ ...remote, ...other }).catch((error: unknown) =>
      error instanceof Problem ? [error.code, error.hint !== undefined] : error,
    )

  assert.deepEqual(await codeOf({ token: 'bad' }), ['unauthorized', true])
  // Nothing listens on the port "discard".
  assert.deepEqual(await codeOf({ url: new URL('http://127.0.0.1:9') }), ['not_running', true])
})

test('bytes go both ways through a relayed port, also after one side has ended', async () => {
  const relay = await relayPort(remote, 'postgres', 0)
  const local = connect(portOf(relay), '127.0.0.1')
  const received = text(local)

  local.end('world')

  const answer = await received
  relay.close()

  assert.equal(answer, 'hello world')
  assert.deepEqual(tunnels, ['/hokku/tunnel/postgres hokku-tunnel Bearer good'])
})

test('a port that is taken here is named with what needs it', async () => {
  const port = Number(remote.url.port)

  await assert.rejects(
    relayPort(remote, 'postgres', port),
    (error) =>
      error instanceof Problem &&
      error.code === 'port_in_use' &&
      error.message.includes(String(port)) &&
      /postgres/.test(error.hint ?? ''),
  )
})

test('what the API refuses fails with its own message', async () => {
  const api = { url: remote.url.origin, token: 'good' }

  assert.deepEqual(await callApi(api, 'GET', '/apps'), { platform: '127.0.0.1:8080' })
  await assert.rejects(
    callApi({ ...api, token: 'bad' }, 'POST', '/apps', {}),
    /Invalid credentials/,
  )
})
