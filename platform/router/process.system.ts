import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { openRouterLink } from './control-client.ts'
import { dyno, request, routedApp, say, testRouter } from './testing.ts'

const MAIN = join(import.meta.dirname, 'main.ts')

type Started = Readonly<{ child: ChildProcess; port: number; output: () => string }>

/** The router as its supervisor starts it, once it listens or has ended. */
async function start(
  home: string,
  port: number,
  env: Record<string, string> = {},
): Promise<Started> {
  const child = spawn(process.execPath, [MAIN], {
    env: { HOKKU_HOME: home, HOKKU_PORT: String(port), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let output = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
  while (!/listening on port \d+/.test(output) && child.exitCode === null) await sleep(5)
  return { child, port: Number(/port (\d+)/.exec(output)?.[1]), output: () => output }
}

const homeFolder = () => mkdtemp(join(tmpdir(), 'hokku-router-process-'))

test('killed without warning, the router comes back with its apps and no control plane', async () => {
  const home = await homeFolder()
  await using app = await dyno((_, response) => response.end('hello'))
  const first = await start(home, 0)
  const link = openRouterLink(join(home, 'run', 'router.sock'))
  await link.publish([routedApp({ instances: [app.instance] })])
  await link.close()

  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  const second = await start(home, first.port)
  const answer = await say(first.port, request())

  assert.match(answer, /^HTTP\/1\.1 200 [^]*hello$/)
  second.child.kill('SIGKILL')
  await once(second.child, 'exit')
  await rm(home, { recursive: true })
})

test('asked to stop, the router finishes what is under way and writes its last lines', async () => {
  const home = await homeFolder()
  await using app = await dyno((_, response) => void setTimeout(() => response.end('late'), 300))
  const router = await start(home, 0)
  const link = openRouterLink(join(home, 'run', 'router.sock'))
  await link.publish([routedApp({ instances: [app.instance] })])
  await link.close()

  const answer = say(router.port, request())
  await sleep(100)
  router.child.kill('SIGTERM')
  const [code] = (await once(router.child, 'exit')) as [number]

  assert.match(await answer, /late$/)
  assert.equal(code, 0)
  const [name = ''] = await readdir(join(home, 'logs', 'router'))
  assert.match(
    await readFile(join(home, 'logs', 'router', name), 'utf8'),
    /^app-1\t\d{16}\tat=info .* status=200 /,
  )
  await rm(home, { recursive: true })
})

test('a port in use, a wrong setting and a damaged table are reported in one line each', async () => {
  const home = await homeFolder()
  const first = await start(home, 0)
  const other = await homeFolder()

  const second = await start(other, first.port)
  const third = await start(other, 0, { HOKKU_BIND: 'everywhere' })
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')

  assert.equal(second.child.exitCode, 1)
  assert.match(
    second.output(),
    new RegExp(`port ${first.port} is in use by another program.*hokku up --port`),
  )
  assert.equal(third.child.exitCode, 1)
  assert.match(third.output(), /HOKKU_BIND is "everywhere"/)
  await rm(other, { recursive: true })
  await rm(home, { recursive: true })
})

test('a rendezvous over TLS is handed to the control plane with all its bytes', async () => {
  await using router = await testRouter()
  const heard: string[] = []
  const plane = createServer((socket) => {
    socket.on('data', (chunk) => {
      heard.push(chunk.toString())
      socket.write(heard.length === 1 ? 'rendezvous\r\n' : 'output')
      if (heard.join('').endsWith('exit\n')) socket.end()
    })
  }).listen(router.config.rendezvous)
  await once(plane, 'listening')
  const ca = await readFile(join(router.config.certificates, 'root.pem'))

  const client = connectTls({ port: router.port, host: '127.0.0.1', ca })
  client.setEncoding('utf8')
  client.write('0123456789')
  await sleep(50)
  client.write('abcdef?columns=80\r\n')
  const [greeting] = (await once(client, 'data')) as [string]
  client.write('exit\n')
  const [output] = (await once(client, 'data')) as [string]
  await once(client, 'close')

  assert.deepEqual([greeting, output], ['rendezvous\r\n', 'output'])
  assert.equal(heard.join(''), '0123456789abcdef?columns=80\r\nexit\n')
  plane.close()
})
