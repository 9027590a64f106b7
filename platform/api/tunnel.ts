import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { tokenOf } from './authenticate.ts'
import type { Account } from '../store/index.ts'
import { accountOf } from './access.ts'
import type { Routes } from './api.ts'
import type { Plane } from './plane.ts'
import { scopesOf } from './scopes.ts'

/**
 * The server's end of `hokku connect`: lists the ports for a client, and carries
 * connections to them through `GET /hokku/tunnel/<name>` with `Upgrade: hokku-tunnel`, so that one
 * encrypted port is enough for the API, git and every add-on.
 */
export const tunnelRoutes: Routes = (api, plane) => {
  api.get('/hokku/ports', (request) => portsOf(plane, accountOf(request)))
  api.server.on('upgrade', (request, socket, head) => openTunnel(plane, request, socket, head))
}

/**
 * What an account may reach through a tunnel, and nothing else: `host:port` by name, of the servers
 * on which its apps have add-ons. Add-on servers of the operator's on other machines are reached
 * without us.
 */
function portsOf(plane: Plane, account: Account): Record<string, string> {
  const used = new Set(
    plane.store.apps
      .ofAccount(account.id)
      .flatMap(({ id }) => plane.store.attachments.ofApp(id))
      .map(({ addonId }) => plane.store.addons.get(addonId).service),
  )
  const endpoints = plane.addons.catalogue.providers
    .filter(({ service }) => account.role === 'owner' || used.has(service.name))
    .flatMap((provider) => Object.entries(provider.endpoints()))
    .filter(([, at]) => at.startsWith('127.0.0.1:'))
  return { ...Object.fromEntries(endpoints), platform: `127.0.0.1:${plane.config.port}` }
}

function openTunnel(plane: Plane, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const name = /^\/hokku\/tunnel\/([\w-]+)$/.exec(request.url ?? '')?.[1] ?? ''
  const token = tokenOf(request.headers.authorization)
  const holder = token === undefined ? undefined : plane.store.accounts.holderOf(token)
  if (holder === undefined) return refuse(socket, '401 Unauthorized')
  if (!scopesOf(holder.authorization).includes('global')) return refuse(socket, '403 Forbidden')
  const target = portsOf(plane, holder.account)[name]
  if (target === undefined || request.headers.upgrade !== 'hokku-tunnel') {
    return refuse(socket, '404 Not Found')
  }
  const colon = target.lastIndexOf(':')
  const upstream = connect(Number(target.slice(colon + 1)), target.slice(0, colon))
  upstream.once('connect', () => {
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: hokku-tunnel\r\n\r\n',
    )
    if (head.length > 0) upstream.write(head)
    socket.pipe(upstream).pipe(socket)
  })
  upstream.on('error', () => socket.destroy())
  upstream.on('close', () => socket.destroy())
  socket.on('error', () => upstream.destroy())
  socket.on('close', () => upstream.destroy())
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
}
