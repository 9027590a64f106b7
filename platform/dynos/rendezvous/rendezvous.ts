import { createServer, type Server, type Socket } from 'node:net'
import { mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { hashToken, newSecret } from '../../store/index.ts'

/** Where clients of `heroku run` meet their dynos; see platform-api.md §8. */
export type Rendezvous = Readonly<{
  /**
   * Expects one client within `waitMs`.
   *
   * @returns the secret by which it is known, and its connection, or null if no client came
   */
  expect: (waitMs: number) => { secret: string; client: Promise<Socket | null>; forget: () => void }
  close: () => Promise<void>
}>

/** Listens on a Unix socket; the router splices connections to it after TLS. */
export async function openRendezvous(socketPath: string): Promise<Rendezvous> {
  const expected = new Map<string, (client: Socket | null) => void>()
  const connections = new Set<Socket>()
  const server = createServer((socket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
    // Clients leave when they like; the user of the socket sees it close.
    socket.on('error', () => {})
    greet(socket, expected)
  })
  await listen(server, socketPath)
  return {
    expect(waitMs) {
      const secret = newSecret()
      const { promise: client, resolve } = Promise.withResolvers<Socket | null>()
      const timer = setTimeout(() => settle(null), waitMs)
      const settle = (socket: Socket | null): void => {
        clearTimeout(timer)
        expected.delete(hashToken(secret))
        resolve(socket)
      }
      // Looked up by hash: the time it takes says nothing about the secret.
      expected.set(hashToken(secret), settle)
      return { secret, client, forget: () => settle(null) }
    },
    async close() {
      for (const settle of expected.values()) settle(null)
      for (const socket of connections) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function listen(server: Server, socketPath: string): Promise<void> {
  await mkdir(dirname(socketPath), { recursive: true })
  // Left over from a control plane that was killed; nothing else uses this path.
  await rm(socketPath, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath, resolve)
  })
}

/** Reads the first line, `SECRET[?query]`, and hands the connection to the one-off that expects it. */
function greet(socket: Socket, expected: Map<string, (client: Socket) => void>): void {
  let head = Buffer.alloc(0)
  const timer = setTimeout(() => socket.destroy(), GREETING_MS)
  const onData = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\n')
    if (end === -1 && head.length <= GREETING_BYTES_MAX) return
    clearTimeout(timer)
    socket.off('data', onData)
    socket.pause()
    const [secret = ''] = head.subarray(0, Math.max(end, 0)).toString('latin1').trim().split('?')
    const settle = expected.get(hashToken(secret.replace(/^\//, '')))
    if (settle === undefined) return void socket.destroy()
    // What came early waits in the socket until the program is there.
    const early = head.subarray(end + 1)
    if (early.length > 0) socket.unshift(early)
    settle(socket)
  }
  socket.on('data', onData)
  socket.on('close', () => clearTimeout(timer))
}

const GREETING_MS = 10_000
const GREETING_BYTES_MAX = 1024
