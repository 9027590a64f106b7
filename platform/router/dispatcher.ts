import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { AppRoute } from './app-route.ts'
import type { Client } from './client.ts'
import type { RouteTable } from './route-table.ts'
import { H_CODES, type HCode } from './h-codes.ts'
import { hostOf } from './host.ts'
import { LIMITS } from './limits.ts'
import { logLine } from './log-line.ts'
import { failureReply, planeAwayReply, refusalReply, unknownHostReply } from './own-replies.ts'
import {
  dialApp,
  dialControlPlane,
  type Dialed,
  type DialEffects,
  type DialResult,
} from './dial.ts'
import type { Outcome } from './relay.ts'
import { requestHead, type RefusedRequest, type RequestHead } from './request-head.ts'
import { affinityHeader, servedBefore } from './session-affinity.ts'
import type { Upstream } from './upstream.ts'

export type DispatcherOptions = Readonly<{
  routeTable: RouteTable
  /** Host names of the control plane. */
  apiHosts: ReadonlySet<string>
  /** The control plane's Unix socket. */
  plane: Upstream
}>

export type DispatcherEffects = DialEffects &
  Readonly<{
    /** Appends a line to an app's log. */
    log: (appId: string, line: string) => void
    /** A request came for an app, successful or not. */
    active: (appId: string) => void
  }>

/** Takes every request that came in, finds out whose it is, and sees it through. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #effects: DispatcherEffects
  readonly #peers = new WeakMap<Socket, Peer>()
  #isStopping = false
  #waitingForPlane = 0

  constructor(options: DispatcherOptions, effects: DispatcherEffects) {
    this.#options = options
    this.#effects = effects
  }

  /** From now on, a client that is cut off was cut off by us. */
  stop(): void {
    this.#isStopping = true
  }

  serve(client: Client): void {
    const { request, upgrades } = client
    const arrival = this.#peerOf(request.socket)
    const head = requestHead(request, arrival, this.#effects.now(), randomUUID, upgrades)
    if ('reason' in head) return this.#refuse(client, head, arrival)
    if (this.#options.apiHosts.has(head.host)) return this.#toPlane(client, head)
    const route = this.#options.routeTable.find(head.host)
    if (route === undefined) return client.reply(unknownHostReply(head.host))
    this.#effects.active(route.app.id)
    this.#toApp(client, head, route, arrival.tls)
  }

  #refuse(client: Client, refused: RefusedRequest, { address, tls }: Peer): void {
    const { method = '', url: path = '', headers } = client.request
    const host = hostOf(headers.host ?? '') ?? ''
    const app = this.#options.routeTable.find(host)?.app
    if (app !== undefined) {
      const unseen = { ...unserved('H26'), status: refused.status, requestId: randomUUID() }
      const line = logLine({ method, path, host, forwardedFor: address, tls, ...unseen })
      this.#effects.log(app.id, line)
    }
    client.reply(refusalReply(refused))
  }

  #toApp(client: Client, head: RequestHead, route: AppRoute, tls: string | null): void {
    const { app } = route
    const log = (part: LogPart): void => this.#effects.log(app.id, lineOf(head, tls, part))
    const known = app.affinity === true ? servedBefore(client.request.headers.cookie) : undefined
    const answer = (code: HCode): void => client.reply(failureReply(app, code, head.requestId))
    const dialed = (result: DialResult): void => {
      if ('code' in result) {
        log({ ...unserved(result.code), dyno: result.dyno })
        return answer(result.code)
      }
      const { upstream, connectMs } = result
      const startedMs = this.#effects.now()
      const done = (outcome: Outcome): void => {
        upstream.leave()
        const serviceMs = this.#effects.now() - startedMs
        const how = this.#isStopping ? forced(outcome) : outcome
        log({ ...how, dyno: upstream.dyno, connectMs, serviceMs })
      }
      const isNew = app.affinity === true && upstream.id !== known
      const headers = isNew ? affinityHeader(upstream.id) : []
      client.relay(result, head, { limits: this.#effects.limits, headers, answer, done })
    }
    unlessLeft(
      client,
      (next) => dialApp(route, { reuse: !client.upgrades, prefer: known }, this.#effects, next),
      dialed,
      () => log(unserved('H27')),
    )
  }

  #toPlane(client: Client, head: RequestHead): void {
    const { plane } = this.#options
    const { accept } = client.request.headers
    const isCrowded = this.#waitingForPlane >= LIMITS.waitingForPlaneMax
    const patienceMs = isCrowded ? 0 : this.#effects.limits.planeMs
    this.#waitingForPlane++
    unlessLeft(
      client,
      (next: (dialed: Dialed | undefined) => void) =>
        dialControlPlane(plane, { reuse: !client.upgrades, patienceMs }, this.#effects, next),
      (dialed) => {
        this.#waitingForPlane--
        if (dialed === undefined) return client.reply(planeAwayReply(accept))
        client.relay(dialed, head, {
          limits: null,
          answer: () => client.reply(planeAwayReply(accept)),
          done: () => plane.leave(),
        })
      },
      () => this.#waitingForPlane--,
    )
  }

  /** What stays the same for all requests of a connection. */
  #peerOf(socket: Socket): Peer {
    const known = this.#peers.get(socket)
    if (known !== undefined) return known
    const secure = 'encrypted' in socket
    const peer = {
      address: socket.remoteAddress ?? 'unknown',
      port: socket.localPort ?? 0,
      secure,
      tls: secure ? (socket as TLSSocket).getProtocol() : null,
    }
    this.#peers.set(socket, peer)
    return peer
  }
}

type Peer = Readonly<{ address: string; port: number; secure: boolean; tls: string | null }>

type LogPart = Outcome &
  Readonly<{ dyno: string | null; connectMs: number | null; serviceMs: number | null }>

/** What looked like a client that left, while the router is stopping. */
const forced = (outcome: Outcome): Outcome =>
  outcome.code === 'H27' ? { ...outcome, code: 'H24', status: H_CODES.H24.status } : outcome

/** A request that no dyno saw. */
const unserved = (code: HCode) =>
  ({
    code,
    status: H_CODES[code].status,
    bytes: null,
    dyno: null,
    connectMs: null,
    serviceMs: null,
  }) as const

function lineOf(head: RequestHead, tls: string | null, part: LogPart): string {
  const { method, path, host, requestId, forwardedFor } = head
  return logLine({ method, path, host, requestId, forwardedFor, tls, ...part })
}

/** Searches until there is a result or the client has left, whichever comes first. */
function unlessLeft<Result>(
  client: Client,
  search: (done: (result: Result) => void) => () => void,
  found: (result: Result) => void,
  left: () => void,
): void {
  let stopWatching: (() => void) | undefined
  let isOver = false
  const giveUp = search((result) => {
    isOver = true
    stopWatching?.()
    found(result)
  })
  if (isOver) return
  stopWatching = client.onLeave(() => {
    giveUp()
    left()
  })
}
