import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { problem } from '../../store/index.ts'

/** `preferred` if it is free, else another free port of 127.0.0.1. */
export async function choosePort(preferred: number | undefined): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const port = randomInt(PORTS.first, PORTS.last + 1)
    if (await isFree(port)) return port
  }
  throw problem('addon_unavailable', 'No free port was found on 127.0.0.1.')
}

/** Outside the range from which systems hand out ports for outgoing connections. */
const PORTS = { first: 15_432, last: 29_999 }
const TRIES = 50

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.close(() => resolve(true))
    })
  })
