import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { STATUS_CODES } from './node-http.ts'

/** An answer of the router's own. */
export type Reply = Readonly<{ status: number; body: string; type?: string }>

const HTML = 'text/html; charset=utf-8'

/** Sends a page (or JSON) of ours in place of the app's answer. */
export function sendReply(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (response.headersSent || response.destroyed) return
  const body = Buffer.from(reply.body)
  response.writeHead(reply.status, {
    'Content-Type': reply.type ?? HTML,
    'Content-Length': body.length,
    'Cache-Control': 'no-cache, no-store',
    // No one reads the rest of an unwanted body.
    ...(request.complete ? {} : { Connection: 'close' }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** The same on a connection that `node:http` has let go of, which ends with it. */
export function writeReply(socket: Duplex, reply: Reply): void {
  if (!socket.writable) return
  const body = Buffer.from(reply.body)
  socket.end(
    Buffer.concat([
      Buffer.from(
        `HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? ''}\r\n` +
          `Content-Type: ${reply.type ?? HTML}\r\nContent-Length: ${body.length}\r\n` +
          `Cache-Control: no-cache, no-store\r\nConnection: close\r\n\r\n`,
      ),
      body,
    ]),
  )
}
