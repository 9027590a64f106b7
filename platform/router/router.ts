import { createServer, type Server, type Socket } from 'node:net'
import { codeOf } from '@hokku/kit/error-code'
import { openAuthority } from '../certificates/index.ts'
import type { RouterConfig } from './config.ts'
import { ControlServer } from './control-server.ts'
import { RouteTable } from './route-table.ts'
import { createListener } from './listener.ts'
import { Dispatcher } from './dispatcher.ts'
import { apiHosts } from './host.ts'
import { LIMITS, TIME_LIMITS, type TimeLimits } from './limits.ts'
import { LogSegments } from './log-segments.ts'
import { spliceRendezvous } from './rendezvous.ts'
import { createServerContexts } from './server-contexts.ts'
import { readTable, writeTable } from './table-file.ts'
import { Upstream } from './upstream.ts'

export type Router = Readonly<{
  /** The port it listens on, e.g. where 0 was asked for. */
  port: number
  /** Takes no new connections, lets requests finish for a while, writes what is to be logged. */
  stop: () => Promise<void>
}>

export type RouterEffects = Readonly<{
  onTrouble: (message: string) => void
  limits?: TimeLimits
}>

/**
 * Starts the router: first the last table, then the port, so that it never answers without knowing
 * its apps.
 *
 * @throws the error of the port, e.g. with code `EADDRINUSE`
 */
export async function startRouter(config: RouterConfig, effects: RouterEffects): Promise<Router> {
  const { onTrouble } = effects
  const hosts = apiHosts(config.domain, config.bind)
  const routeTable = new RouteTable()
  routeTable.replace(readTable(config.table, onTrouble))
  const authority = await openAuthority(config.certificates)
  const logs = new LogSegments({
    directory: config.logs,
    onTrouble: (error) => onTrouble(`request log: ${error.message}`),
  })
  const controlServer = new ControlServer({
    routeTable,
    keep: (table) => writeTable(config.table, table),
    onTrouble,
  })
  const dispatcher = new Dispatcher(
    { routeTable, apiHosts: hosts, plane: new Upstream('plane', '', { path: config.plane }) },
    {
      limits: effects.limits ?? TIME_LIMITS,
      now: Date.now,
      random: Math.random,
      wake: (appId) => controlServer.wake(appId),
      active: (appId) => controlServer.active(appId),
      log: (appId, line) => logs.append(appId, line),
    },
  )
  const listener = createListener({
    dispatcher,
    contextFor: createServerContexts(routeTable, hosts, authority.leaf).find,
    defaultCertificate: await authority.leaf('localhost'),
    rendezvous: (socket, first) => spliceRendezvous(socket, config.rendezvous, first),
  })
  await listen(listener, config.port, config.bind)
  const port = portOf(listener)
  const second = config.bind === '127.0.0.1' ? await listenOnLoopback6(listener, port) : undefined
  await controlServer.listen(config.control)
  return {
    port,
    stop: async () => {
      controlServer.close()
      second?.close()
      listener.close()
      await Promise.race([routeTable.drain('all'), pause(LIMITS.stopMs)])
      dispatcher.stop()
      listener.closeAllConnections()
      await logs.close()
    },
  }
}

function listen(server: Server, port: number, host: string | null): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, ...(host === null ? {} : { host }) }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** `localhost` is `::1` first for many clients; machines without IPv6 do without. */
async function listenOnLoopback6(listener: Server, port: number): Promise<Server | undefined> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket: Socket) => {
    listener.emit('connection', socket)
  })
  try {
    await listen(server, port, '::1')
    return server
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EADDRINUSE') throw error
    return undefined
  }
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, ms).unref())
