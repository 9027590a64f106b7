import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Dialed } from './dial.ts'
import { Relay, type RelayOptions } from './relay.ts'
import { sendReply, writeReply, type Reply } from './replies.ts'
import type { RequestHead } from './request-head.ts'
import { UpgradeRelay } from './upgrade-relay.ts'

/** What waits for an answer: one request on a connection, or a connection to be handed over. */
export type Client = Readonly<{
  request: IncomingMessage
  /** Whether only a fresh connection will do, because it is going to be handed over. */
  upgrades: boolean
  /** Answers with something of ours. */
  reply: (reply: Reply) => void
  /** Carries the request over a connection that stands. */
  relay: (dialed: Dialed, head: RequestHead, options: RelayOptions) => void
  /** Calls back if the client leaves; returns how to stop that. */
  onLeave: (listener: () => void) => () => void
}>

export class HttpClient implements Client {
  readonly request: IncomingMessage
  readonly upgrades = false
  readonly #response: ServerResponse

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request
    this.#response = response
    // A client that leaves while it is answered is no news to anyone.
    response.on('error', ignore)
  }

  reply(reply: Reply): void {
    sendReply(this.request, this.#response, reply)
  }

  relay({ connection }: Dialed, head: RequestHead, options: RelayOptions): void {
    const relay = new Relay(this.request, this.#response, head, connection, options)
    this.#response.once('close', () => relay.abandon())
    relay.start()
  }

  onLeave(listener: () => void): () => void {
    this.#response.once('close', listener)
    return () => this.#response.off('close', listener)
  }
}

export class UpgradeClient implements Client {
  readonly request: IncomingMessage
  readonly upgrades = true
  readonly #socket: Socket
  readonly #first: Buffer

  /** @param first what the client had said after its head */
  constructor(request: IncomingMessage, socket: Socket, first: Buffer) {
    this.request = request
    this.#socket = socket
    this.#first = first
    socket.on('error', ignore)
  }

  reply(reply: Reply): void {
    writeReply(this.#socket, reply)
  }

  relay({ connection, upstream }: Dialed, head: RequestHead, options: RelayOptions): void {
    let forget: (() => void) | undefined
    const relay = new UpgradeRelay(this.#socket, head, connection, {
      ...options,
      first: this.#first,
      spliced: (cut) => (forget = upstream.addSplice(cut)),
      done: (outcome) => {
        forget?.()
        options.done(outcome)
      },
    })
    relay.start()
  }

  onLeave(listener: () => void): () => void {
    this.#socket.once('close', listener)
    return () => this.#socket.off('close', listener)
  }
}

const ignore = (): void => {}
