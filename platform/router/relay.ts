import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ExchangeFailure, Connection, Exchange } from './connection.ts'
import type { HCode } from './h-codes.ts'
import type { TimeLimits } from './limits.ts'
import type { RequestHead } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'

/** How a request ended; no bytes where nothing was to be had. */
export type Outcome = Readonly<{ code: HCode | null; status: number; bytes: number | null }>

/** What a relay needs from its caller. */
export type RelayOptions = Readonly<{
  /** Null where there are none: the control plane takes the time it takes. */
  limits: TimeLimits | null
  /** Ours, beside those of the server; names and values alternate. */
  headers?: readonly string[]
  /** Answers in place of a server that failed before it had said anything. */
  answer: (code: HCode) => void
  /** Called once; the exchange is over and the server is free again. */
  done: (outcome: Outcome) => void
}>

/**
 * Carries one request to a connected server and its answer back, at the pace of the slower side.
 */
export class Relay implements Exchange {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #head: RequestHead
  readonly #connection: Connection
  readonly #options: RelayOptions
  #status = 0
  #bytes = 0
  #over = false
  #requestSent: boolean
  #continued = false
  /** The head waits for the first piece of the body, so that both leave in one packet. */
  #headPending = false
  #isClientFull = false
  #clientTaken = -1

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    head: RequestHead,
    connection: Connection,
    options: RelayOptions,
  ) {
    this.#request = request
    this.#response = response
    this.#head = head
    this.#connection = connection
    this.#options = options
    this.#requestSent = head.body === 'none'
  }

  start(): void {
    this.#connection.start(this, this.#head.method, this.#head.text)
    if (this.#requestSent) this.#sent()
    else this.#pump()
  }

  /** The client has gone: the server learns it by the close of its connection. */
  abandon(): void {
    if (this.#over) return
    this.#connection.destroy()
    this.#finish('H27', 499)
  }

  interim({ status, headers }: ResponseHead): void {
    if (this.#over || this.#request.httpVersion === '1.0') return
    if (status === 100 && this.#head.expectsContinue && !this.#continued) {
      this.#continued = true
      this.#response.writeContinue()
    } else if (status === 102) {
      this.#response.writeProcessing()
    } else if (status === 103) {
      sendEarlyHints(this.#response, headers)
    }
  }

  head(head: ResponseHead): void {
    if (head.status === 101) return this.#fail('H17')
    this.#status = head.status
    const headers = [...head.headers, 'Via', '1.1 hokku', ...(this.#options.headers ?? [])]
    // A client that never got a 100 may or may not send its body: the next request cannot
    // be distinguished from it.
    const unclear = this.#head.expectsContinue && !this.#continued && !this.#requestSent
    if (unclear) headers.push('Connection', 'close')
    this.#response.writeHead(head.status, head.statusText, headers)
    this.#headPending = true
  }

  body(chunk: Uint8Array): void {
    if (this.#over) return
    this.#headPending = false
    this.#bytes += chunk.length
    if (this.#response.write(chunk) || this.#isClientFull) return
    this.#isClientFull = true
    this.#connection.socket.pause()
    this.#response.once('drain', () => {
      this.#isClientFull = false
      this.#connection.socket.resume()
    })
  }

  end(last: Uint8Array | undefined, trailers: readonly string[]): void {
    if (this.#over) return
    if (trailers.length > 0) this.#response.addTrailers(pairsOf(trailers))
    if (last === undefined) {
      this.#response.end()
    } else {
      this.#bytes += last.length
      this.#response.end(last)
    }
    this.#finish(null, this.#status)
  }

  pushed(): void {
    if (this.#over || !this.#headPending) return
    this.#headPending = false
    this.#response.flushHeaders()
    this.#allow('idleMs')
  }

  broken(failure: ExchangeFailure): void {
    if (failure.kind === 'malformed') this.#fail(failure.code)
    else this.#fail(failure.kind === 'none' ? 'H13' : 'H18')
  }

  drained(): void {
    if (!this.#requestSent) this.#request.resume()
  }

  /** Nothing moved between server and router; a client that still takes what it has is waited for. */
  idle(): void {
    if (this.#status === 0) return this.#fail(this.#whoseSilence())
    if (!this.#response.writableNeedDrain) return this.#fail('H15')
    const taken = bytesTaken(this.#response)
    if (taken === this.#clientTaken) return this.#fail('H28')
    this.#clientTaken = taken
    this.#allow('idleMs')
  }

  #whoseSilence(): HCode {
    const clientStalls = !this.#requestSent && !this.#connection.socket.writableNeedDrain
    return clientStalls ? 'H28' : 'H12'
  }

  /** Sends the body as it comes, stopping the client while the server takes no more. */
  #pump(): void {
    const { socket } = this.#connection
    const chunked = this.#head.body === 'chunked'
    this.#allow('idleMs')
    this.#request.on('data', (chunk: Buffer) => {
      if (this.#over) return
      const flowing = chunked ? writeChunk(socket, chunk) : socket.write(chunk)
      if (!flowing) this.#request.pause()
    })
    this.#request.on('end', () => {
      if (this.#over) return
      if (chunked) socket.write(lastChunk(this.#request.rawTrailers), 'latin1')
      this.#sent()
    })
  }

  #sent(): void {
    this.#requestSent = true
    this.#connection.requestSent()
    if (this.#status === 0) this.#allow('firstByteMs')
  }

  /** From here on, silence of this length calls `idle`. */
  #allow(limit: 'firstByteMs' | 'idleMs'): void {
    const { limits } = this.#options
    this.#connection.socket.setTimeout(limits === null ? 0 : limits[limit])
  }

  /** Answers the client if nothing was sent yet; otherwise closes the connection. */
  #fail(code: HCode): void {
    if (this.#over) return
    this.#connection.destroy()
    if (this.#response.headersSent) this.#response.destroy()
    else this.#options.answer(code)
    const status = code === 'H28' ? 499 : code === 'H25' ? 502 : 503
    this.#finish(code, status)
  }

  #finish(code: HCode | null, status: number): void {
    this.#over = true
    this.#options.done({ code, status, bytes: this.#bytes })
  }
}

/** @returns false when the socket wants no more for now */
function writeChunk(socket: Connection['socket'], chunk: Buffer): boolean {
  socket.cork()
  socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1')
  socket.write(chunk)
  const flowing = socket.write('\r\n', 'latin1')
  socket.uncork()
  return flowing
}

function lastChunk(trailers: readonly string[]): string {
  const lines = pairsOf(trailers)
    .filter(([name]) => !/^(content-|transfer-|host$|x-forwarded|x-request)/i.test(name))
    .map(([name, value]) => `${name}: ${value}\r\n`)
  return `0\r\n${lines.join('')}\r\n`
}

const pairsOf = (flat: readonly string[]): [string, string][] =>
  flat.flatMap((name, i): [string, string][] => (i % 2 === 0 ? [[name, flat[i + 1] ?? '']] : []))

/** Bytes that the client's kernel has accepted. */
const bytesTaken = ({ socket }: ServerResponse): number =>
  socket === null ? 0 : socket.bytesWritten - socket.writableLength

/** `103 Early Hints`; a Link header that Node does not accept is not worth an error. */
function sendEarlyHints(response: ServerResponse, headers: readonly string[]): void {
  const link = pairsOf(headers)
    .filter(([name]) => name.toLowerCase() === 'link')
    .map(([, value]) => value)
  try {
    if (link.length > 0) response.writeEarlyHints({ link })
  } catch {
    // Malformed hints are dropped: the answer itself is still to come.
  }
}
