import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { createServer as createTlsServer, type SecureContext, type TLSSocket } from 'node:tls'
import type { Certificate } from '../certificates/index.ts'
import { HttpClient, UpgradeClient } from './client.ts'
import { speechOf, TLS_HANDSHAKE } from './first-bytes.ts'
import type { Dispatcher } from './dispatcher.ts'
import { LIMITS } from './limits.ts'
import { createServer, STATUS_CODES } from './node-http.ts'
import { badRequestPage } from './pages.ts'
import { writeReply } from './replies.ts'

export type ListenerOptions = Readonly<{
  dispatcher: Dispatcher
  /** Certificate for a server name; undefined for one that is none of ours. */
  contextFor: (serverName: string) => Promise<SecureContext | undefined>
  /** Certificate for clients that name no server, or an unknown one. */
  defaultCertificate: Certificate
  /** Takes over a connection that turned out to be no HTTP, with the bytes already read. */
  rendezvous: (socket: Socket, first: Buffer) => void
}>

/**
 * The one port: plain HTTP and TLS by the first byte, and after TLS HTTP or a rendezvous by the
 * first line. The server is returned without listening yet.
 */
export function createListener(options: ListenerOptions): Server {
  const { dispatcher } = options
  const server = createServer(
    {
      maxHeaderSize: LIMITS.headBytesMax,
      headersTimeout: LIMITS.headMs,
      // A push or an upload takes as long as it takes; what stalls is cut by the relay.
      requestTimeout: 0,
      keepAliveTimeout: LIMITS.clientIdleMs,
      noDelay: true,
      shouldUpgradeCallback: isUpgrade,
    },
    (request, response) => dispatcher.serve(new HttpClient(request, response)),
  )
  server.maxHeadersCount = 0
  server.maxConnections = LIMITS.clientConnectionsMax
  server.on('checkContinue', (request, response) =>
    dispatcher.serve(new HttpClient(request, response)),
  )
  // Other expectations are refused with all else that is wrong with a head.
  server.on('checkExpectation', (request, response) =>
    dispatcher.serve(new HttpClient(request, response)),
  )
  server.on('upgrade', (request, socket, first) =>
    dispatcher.serve(new UpgradeClient(request, socket as Socket, first)),
  )
  server.on('clientError', refuse)
  const speakHttp = takeOver(server)
  const tls = createTls(options, (socket, first) => {
    if (speechOf(first) === 'rendezvous') return options.rendezvous(socket, first)
    speakHttp(socket, first)
  })
  server.on('connection', (socket: Socket) => {
    readFirst(socket, isDecidedAtOnce, (first) => {
      if (first[0] !== TLS_HANDSHAKE) return speakHttp(socket, first)
      socket.unshift(first)
      tls.emit('connection', socket)
    })
  })
  return server
}

/** Stops the server from reading connections by itself; returns how to give it one. */
function takeOver(server: Server): (socket: Socket, first: Buffer) => void {
  const listener = server.listeners('connection')[0] as (socket: Socket) => void
  server.removeAllListeners('connection')
  return (socket, first) => {
    socket.unshift(first)
    listener.call(server, socket)
    socket.resume()
  }
}

const isDecidedAtOnce = (): boolean => true

/**
 * WebSocket and the like; HTTP/2 in clear text (`h2c`) is declined by answering in HTTP/1.1. With
 * a body it is a request first of all.
 */
function isUpgrade({ headers }: IncomingMessage): boolean {
  const protocol = headers.upgrade?.toLowerCase() ?? 'h2c'
  const hasBody =
    headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
  return !/^(h2c?|tls\/)/.test(protocol) && !hasBody
}

function createTls(options: ListenerOptions, speak: (socket: Socket, first: Buffer) => void) {
  const { certPem, keyPem } = options.defaultCertificate
  const tls = createTlsServer({
    cert: certPem,
    key: keyPem,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: LIMITS.headMs,
    SNICallback: (name, done) => {
      options.contextFor(name.toLowerCase()).then(
        (context) => done(null, context),
        (error: Error) => done(error),
      )
    },
  })
  tls.on('secureConnection', (socket: TLSSocket) =>
    readFirst(
      socket,
      (bytes) => speechOf(bytes) !== 'undecided',
      (first) => speak(socket, first),
    ),
  )
  // A scanner, or a client that does not trust us: its own error says so.
  tls.on('tlsClientError', (_error, socket) => socket.destroy())
  return tls
}

/** Waits for a client's first bytes until they are enough to decide by; then the socket is paused. */
function readFirst(
  socket: Socket,
  isEnough: (bytes: Buffer) => boolean,
  done: (bytes: Buffer) => void,
): void {
  let bytes: Buffer | undefined
  const giveUp = (): void => void socket.destroy()
  const take = (chunk: Buffer): void => {
    bytes = bytes === undefined ? chunk : Buffer.concat([bytes, chunk])
    if (!isEnough(bytes)) return
    socket.off('data', take).off('timeout', giveUp).off('error', giveUp).off('end', giveUp)
    socket.setTimeout(0)
    socket.pause()
    done(bytes)
  }
  socket.setTimeout(LIMITS.headMs)
  socket.on('data', take).on('timeout', giveUp).on('error', giveUp).on('end', giveUp)
}

/**
 * Answers what `node:http` could not read. Requests before it are answered first, in order (RFC
 * 9112 §9.3.2): their app has carried them out.
 */
function refuse(error: NodeJS.ErrnoException, socket: AnsweringSocket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const pending = socket._httpMessage ?? undefined
  if (pending?.req.complete === true) {
    pending.once('finish', () => refuse(error, socket))
    return
  }
  if (pending?.headersSent === true) return void socket.destroy()
  const status = REFUSALS[error.code ?? ''] ?? 400
  writeReply(socket, { status, body: badRequestPage(`${STATUS_CODES[status]}.`) })
}

/** What `node:http` keeps of the answer under way. */
type AnsweringSocket = Socket & { _httpMessage?: ServerResponse | null }

const REFUSALS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}
