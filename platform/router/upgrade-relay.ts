import { STATUS_CODES } from './node-http.ts'
import type { Socket } from 'node:net'
import type { ExchangeFailure, Connection, Exchange } from './connection.ts'
import type { HCode } from './h-codes.ts'
import type { RelayOptions } from './relay.ts'
import type { RequestHead } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'

export type UpgradeOptions = RelayOptions &
  Readonly<{
    /** What the client had said after its head. */
    first: Buffer
    /** The server agreed: from here on it holds the connection, until `cut` is called. */
    spliced: (cut: () => void) => void
  }>

/**
 * Carries a request that wants another protocol (WebSocket). If the server agrees, bytes go both
 * ways as they come until either side ends; if not, its answer is the last thing on the connection.
 */
export class UpgradeRelay implements Exchange {
  readonly #client: Socket
  readonly #head: RequestHead
  readonly #connection: Connection
  readonly #options: UpgradeOptions
  #status = 0
  #bytes = 0
  #over = false

  constructor(client: Socket, head: RequestHead, connection: Connection, options: UpgradeOptions) {
    this.#client = client
    this.#head = head
    this.#connection = connection
    this.#options = options
  }

  start(): void {
    this.#client.on('close', () => this.#left())
    this.#client.on('drain', () => this.#connection.socket.resume())
    this.#allow('firstByteMs')
    this.#connection.start(this, this.#head.method, this.#head.text)
  }

  interim(): void {}

  head({ status, statusText, headers, upgrade }: ResponseHead): void {
    this.#status = status
    const all = [...headers, ...(this.#options.headers ?? [])]
    const lines = all.map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('')
    const connection =
      status === 101 ? `Connection: Upgrade\r\nUpgrade: ${upgrade ?? ''}` : 'Connection: close'
    const reason = statusText === '' ? (STATUS_CODES[status] ?? '') : statusText
    this.#client.write(
      `HTTP/1.1 ${status} ${reason}\r\n${lines}Via: 1.1 hokku\r\n${connection}\r\n\r\n`,
      'latin1',
    )
    this.#allow('idleMs')
    if (status === 101) this.#splice()
  }

  body(chunk: Uint8Array): void {
    this.#bytes += chunk.length
    if (!this.#client.write(chunk)) this.#connection.socket.pause()
  }

  end(last: Uint8Array | undefined): void {
    if (last !== undefined) this.body(last)
    this.#client.end()
    this.#finish(null, this.#status)
  }

  pushed(): void {}

  broken(failure: ExchangeFailure): void {
    if (failure.kind === 'malformed') this.#fail(failure.code)
    else this.#fail(failure.kind === 'none' ? 'H13' : 'H18')
  }

  drained(): void {
    this.#client.resume()
  }

  idle(): void {
    this.#fail(this.#status === 0 ? 'H12' : 'H15')
  }

  #splice(): void {
    const client = this.#client
    const { socket } = this.#connection
    client.setTimeout(0)
    client.on('data', (chunk: Buffer) => this.#send(chunk))
    client.on('end', () => socket.end())
    if (this.#options.first.length > 0) this.#send(this.#options.first)
    this.#options.spliced(() => {
      client.destroySoon()
      this.#connection.destroy()
      this.#finish(null, this.#status)
    })
  }

  #allow(limit: 'firstByteMs' | 'idleMs'): void {
    const { limits } = this.#options
    this.#connection.socket.setTimeout(limits === null ? 0 : limits[limit])
  }

  #send(chunk: Buffer): void {
    if (!this.#over && !this.#connection.socket.write(chunk)) this.#client.pause()
  }

  /** The client has gone; once spliced that is as good an end as any. */
  #left(): void {
    if (this.#over) return
    this.#connection.destroy()
    if (this.#status === 101) this.#finish(null, 101)
    else this.#finish('H27', 499)
  }

  #fail(code: HCode): void {
    if (this.#over) return
    this.#connection.destroy()
    if (this.#status === 0) this.#options.answer(code)
    else this.#client.destroy()
    this.#finish(code, code === 'H25' ? 502 : 503)
  }

  #finish(code: HCode | null, status: number): void {
    if (this.#over) return
    this.#over = true
    this.#options.done({ code, status, bytes: this.#bytes })
  }
}
