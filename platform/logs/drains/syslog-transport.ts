import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { once } from 'node:events'
import { drainPort } from './drain-url.ts'
import { syslogFrames } from './syslog-frames.ts'
import type { Transport } from './transport.ts'

/** Octet-counted syslog over one TCP or TLS connection, opened when there is something to send. */
export function syslogTransport(url: URL, token: string): Transport {
  let socket: Socket | undefined
  const close = (): void => {
    socket?.destroy()
    socket = undefined
  }
  return {
    gatherMs: 0,
    send: async (records, signal) => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
      try {
        if (socket === undefined || !socket.writable) socket = await open(url, limit)
        const frames = Buffer.concat(records.map((record) => syslogFrames(record, token)))
        await write(socket, frames, limit)
      } catch (error) {
        close()
        throw error
      }
    },
    close,
  }
}

const TIMEOUT_MS = 30_000
const KEEP_ALIVE_MS = 30_000

async function open(url: URL, signal: AbortSignal): Promise<Socket> {
  const host = url.hostname.replaceAll(/^\[|\]$/g, '')
  const port = drainPort(url)
  const isSecure = url.protocol === 'syslog+tls:'
  const name = isIP(host) === 0 ? { servername: host } : {}
  const socket = isSecure ? connectTls({ host, port, ...name }) : connect({ host, port })
  try {
    await once(socket, isSecure ? 'secureConnect' : 'connect', { signal })
  } catch (error) {
    socket.destroy()
    throw error
  }
  socket.setKeepAlive(true, KEEP_ALIVE_MS)
  // A failure between two sends closes the socket, and the next send opens another.
  socket.on('error', () => socket.destroy())
  // Receivers have nothing to say, but must not block on saying it; their end is ours.
  socket.resume().on('end', () => socket.destroy())
  return socket
}

function write(socket: Socket, data: Buffer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new Error('the receiver does not take the lines in time'))
    signal.addEventListener('abort', fail, { once: true })
    socket.write(data, (error) => {
      signal.removeEventListener('abort', fail)
      if (error) reject(error)
      else resolve()
    })
  })
}
