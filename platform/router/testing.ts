import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { connect, createServer as createNetServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { portOf } from '@hokku/kit/port-of'
import type { RouterConfig } from './config.ts'
import type { RoutedApp, RoutedInstance, RouterLink } from './contract.ts'
import { TIME_LIMITS, type TimeLimits } from './limits.ts'
import { openRouterLink } from './control-client.ts'
import { startRouter, type Router } from './router.ts'

/** A router with everything real around it, on ports and in its own folder. */
export type TestRouter = Router &
  Readonly<{
    config: RouterConfig
    link: RouterLink
    publish: (...apps: readonly RoutedApp[]) => Promise<void>
    /** The request log of all apps, lines without app and time, as soon as it has so many. */
    log: (lines: number) => Promise<string[]>
    troubles: readonly string[]
  }> &
  AsyncDisposable

export async function testRouter(limits: Partial<TimeLimits> = {}): Promise<TestRouter> {
  const home = await mkdtemp(join(tmpdir(), 'hokku-router-'))
  const config = configIn(home)
  const troubles: string[] = []
  const router = await startRouter(config, {
    onTrouble: (trouble) => troubles.push(trouble),
    limits: { ...TIME_LIMITS, ...limits },
  })
  const link = openRouterLink(config.control)
  return {
    ...router,
    config,
    link,
    troubles,
    publish: (...apps) => link.publish(apps),
    log: (lines) => readLog(config.logs, lines),
    [Symbol.asyncDispose]: async () => {
      await link.close()
      await router.stop()
      await rm(home, { recursive: true })
    },
  }
}

export const configIn = (home: string): RouterConfig => ({
  port: 0,
  bind: '127.0.0.1',
  domain: 'localhost',
  certificates: join(home, 'certificates'),
  table: join(home, 'run', 'router-table.json'),
  logs: join(home, 'logs', 'router'),
  control: join(home, 'router.sock'),
  plane: join(home, 'plane.sock'),
  rendezvous: join(home, 'rendezvous.sock'),
})

/** An app as the control plane publishes it. */
export const routedApp = (change: Partial<RoutedApp> = {}): RoutedApp => ({
  id: 'app-1',
  name: 'demo',
  hosts: ['demo.localhost'],
  state: 'live',
  maintenance: false,
  maintenancePageUrl: null,
  errorPageUrl: null,
  instances: [],
  ...change,
})

export type TestServer = Readonly<{ port: number; instance: RoutedInstance; server: Server }> &
  AsyncDisposable

/** A dyno that speaks HTTP. */
export async function dyno(handler: RequestListener, id = 'one'): Promise<TestServer> {
  const server = createHttpServer(handler)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return served(server, id)
}

/** A dyno that does with its connections what it likes. */
export async function rawDyno(handler: (socket: Socket) => void, id = 'one') {
  const sockets = new Set<Socket>()
  const server = createNetServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    handler(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    instance: instanceAt(portOf(server), id),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

function served(server: Server, id: string): TestServer {
  const port = portOf(server)
  return {
    port,
    server,
    instance: instanceAt(port, id),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

export const instanceAt = (port: number, id = 'one'): RoutedInstance => ({
  id,
  dyno: 'web.1',
  host: '127.0.0.1',
  port,
})

/** Says `text` on a new connection and returns everything that comes back until it is closed. */
export async function say(port: number, text: string | Uint8Array): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => {})
  socket.write(text)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString('latin1')
}

/** A whole request without a body, after which the connection ends. */
export const request = (target = '/', host = 'demo.localhost', ...headers: string[]): string =>
  [`GET ${target} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...headers, '', ''].join('\r\n')

async function readLog(directory: string, lines: number): Promise<string[]> {
  for (;;) {
    const names = (await readdir(directory)).toSorted()
    const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))
    const all = texts.join('').split('\n').slice(0, -1)
    if (all.length >= lines) return all.map((line) => line.split('\t')[2] ?? '')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
