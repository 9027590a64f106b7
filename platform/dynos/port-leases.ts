import { createServer } from 'node:net'

/** Hands out TCP ports for dynos; each belongs to one instance until it is gone. */
export type PortLeases = Readonly<{
  /** A free port, proved by binding it. */
  lease: () => Promise<number>
  /** Takes back a port that an earlier plane handed out. */
  keep: (port: number) => void
  release: (port: number) => void
}>

/**
 * Ports go round: one that was given back comes last, so that a connection left over from its last
 * owner cannot meet another app.
 *
 * @param start where in the range to begin; two platforms of one machine start at different places
 */
export function openPortLeases(start: number, isFree = canBind): PortLeases {
  const leased = new Set<number>()
  let next = start % PORTS
  return {
    keep: (port) => void leased.add(port),
    release: (port) => void leased.delete(port),
    async lease() {
      for (let tried = 0; tried < PORTS; tried++) {
        const port = FIRST_PORT + next
        next = (next + 1) % PORTS
        if (leased.has(port)) continue
        // Held while we look, as others may ask meanwhile.
        leased.add(port)
        if (await isFree(port)) return port
        leased.delete(port)
      }
      throw new RangeError(`all ports from ${FIRST_PORT} to ${FIRST_PORT + PORTS - 1} are in use`)
    },
  }
}

/** Below the ports that kernels hand out by themselves (32768 and up on Linux). */
const FIRST_PORT = 20_000
const PORTS = 12_000

async function canBind(port: number): Promise<boolean> {
  const server = createServer()
  return await new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () =>
      server.close(() => resolve(true)),
    )
  })
}
