import { connect, type Socket } from 'node:net'
import { LIMITS } from './limits.ts'
import type { ResponseHead } from './response-head.ts'
import { MalformedResponse, ResponseParser, type ResponseSink } from './response-parser.ts'

/** How an exchange with a server can go wrong after the connection stood. */
export type ExchangeFailure =
  | Readonly<{ kind: 'malformed'; code: 'H17' | 'H25' }>
  /** Closed before a byte of the answer, or in the middle of it. */
  | Readonly<{ kind: 'none' | 'cut' }>

/** The one exchange that a connection carries at a time. */
export type Exchange = ResponseSink &
  Readonly<{
    /** The bytes at hand are used up: time to let the client have what there is. */
    pushed: () => void
    broken: (failure: ExchangeFailure) => void
    /** The connection takes bytes again. */
    drained: () => void
    /** Nothing went either way for the time last set. */
    idle: () => void
  }>

/** Where a server listens: a dyno's port, or the control plane's Unix socket. */
export type Address = Readonly<{ host: string; port: number } | { path: string }>

/** Keeps the connections to one server between requests. */
export type ConnectionPool = Readonly<{
  /** Whether the connection is kept for the next request. */
  keep: (connection: Connection) => boolean
  forget: (connection: Connection) => void
}>

/** One connection to a server: a socket, the parser of its answers, and whom they are for. */
export class Connection {
  readonly socket: Socket
  readonly #pool: ConnectionPool
  readonly #parser: ResponseParser
  #exchange: Exchange | undefined
  #requestSent = false
  #reusable = false
  #keepAliveMs: number = LIMITS.upstreamIdleMs

  /** @param socket connected, without listeners */
  constructor(pool: ConnectionPool, socket: Socket) {
    this.#pool = pool
    this.socket = socket
    this.#parser = new ResponseParser({
      interim: (head) => this.#exchange?.interim(head),
      head: (head) => this.#head(head),
      body: (chunk) => this.#exchange?.body(chunk),
      end: (last, trailers) => this.#end(last, trailers),
    })
    socket.on('data', (chunk: Buffer) => this.#data(chunk))
    socket.on('drain', () => this.#exchange?.drained())
    socket.on('timeout', () => this.#timeout())
    socket.on('end', () => this.#closed())
    socket.on('close', () => this.#closed())
    // What an error means depends on what had arrived: 'close' follows and looks.
    socket.on('error', () => {})
  }

  /** Sends a request's head; the answer goes to `exchange` and to no one else. */
  start(exchange: Exchange, method: string, head: string): void {
    this.#exchange = exchange
    this.#requestSent = false
    this.#parser.start(method)
    this.socket.write(head, 'latin1')
  }

  /** The request is sent as a whole; before that the connection is good for no other one. */
  requestSent(): void {
    this.#requestSent = true
  }

  /** Gives up the exchange: the app sees its client leave. */
  destroy(): void {
    this.#exchange = undefined
    this.socket.destroy()
  }

  #head(head: ResponseHead): void {
    this.#reusable = head.reusable
    const offered = head.keepAliveMs
    this.#keepAliveMs =
      offered === undefined
        ? LIMITS.upstreamIdleMs
        : Math.min(offered - LIMITS.upstreamIdleMs, LIMITS.upstreamIdleMsMax)
    this.#exchange?.head(head)
  }

  #data(chunk: Buffer): void {
    try {
      this.#parser.push(chunk)
    } catch (error) {
      if (!(error instanceof MalformedResponse)) throw error
      this.#break({ kind: 'malformed', code: error.code })
      return
    }
    this.#exchange?.pushed()
  }

  #end(last: Uint8Array | undefined, trailers: readonly string[]): void {
    const exchange = this.#exchange
    this.#exchange = undefined
    exchange?.end(last, trailers)
    if (this.#isReusable() && this.#pool.keep(this)) {
      this.socket.setTimeout(this.#keepAliveMs)
      this.socket.resume()
    } else {
      this.socket.destroy()
    }
  }

  #isReusable(): boolean {
    return this.#reusable && this.#requestSent && this.#keepAliveMs > 0
  }

  #timeout(): void {
    if (this.#exchange === undefined) this.socket.destroy()
    else this.#exchange.idle()
  }

  #closed(): void {
    this.#pool.forget(this)
    const how = this.#parser.close()
    if (how !== 'complete') this.#break({ kind: how })
    this.socket.destroy()
  }

  #break(failure: ExchangeFailure): void {
    const exchange = this.#exchange
    this.#exchange = undefined
    this.socket.destroy()
    exchange?.broken(failure)
  }
}

/**
 * Opens a TCP connection to a server, or one to its Unix socket.
 *
 * @param done called once: with the connected socket, or with the code of what went wrong
 * (`ETIMEDOUT` after the limit)
 * @returns gives up, if it is still connecting
 */
export function openSocket(
  address: Address,
  limitMs: number,
  done: (result: { socket: Socket } | { failure: string }) => void,
): () => void {
  const socket = connect({ ...address, noDelay: true })
  let finished = false
  const finish = (failure: string | undefined): void => {
    if (finished) return
    finished = true
    socket.off('connect', connected).off('timeout', timedOut)
    socket.setTimeout(0)
    if (failure === undefined) {
      socket.off('error', failed)
      done({ socket })
    } else {
      socket.destroy()
      done({ failure })
    }
  }
  const connected = (): void => finish(undefined)
  const timedOut = (): void => finish('ETIMEDOUT')
  const failed = (error: NodeJS.ErrnoException): void => finish(error.code ?? 'ECONNREFUSED')
  socket.on('connect', connected).on('timeout', timedOut).on('error', failed)
  socket.setTimeout(limitMs)
  return () => {
    finished = true
    socket.destroy()
  }
}
