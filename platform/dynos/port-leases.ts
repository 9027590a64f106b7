import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { problem } from '../store/index.ts'

/** Hands out TCP ports for dynos; each belongs to one instance until it is gone. */
export type PortLeases = Readonly<{
  /**
   * A free port, proved by binding it.
   *
   * @throws Problem `no_port` when `TRIES_MAX` ports in a row are taken, or binding fails for a
   * reason of the machine's, e.g. `EMFILE`
   */
  lease: () => Promise<number>
  /** Takes back a port that an earlier control plane handed out. */
  keep: (port: number) => void
  release: (port: number) => void
}>

export type PortRange = Readonly<{ first: number; count: number }>

export type PortLeaseOptions = Readonly<{
  /** Where in the range to begin; two platforms of one machine start at different places. */
  start: number
  range?: PortRange
  /** Binds a port and lets go of it; `null` when that worked, else the system's error code. */
  bind?: (port: number) => Promise<string | null>
}>

/**
 * Ports go round: one that was given back comes last, so that a connection left over from its last
 * owner cannot meet another app. A lease begins behind the port that was found last.
 */
export function openPortLeases(options: PortLeaseOptions): PortLeases {
  const { start, range = portRange(ephemeralFirst()), bind = tryBind } = options
  const leased = new Set<number>()
  let next = start % range.count
  return {
    keep: (port) => void leased.add(port),
    release: (port) => void leased.delete(port),
    async lease() {
      let tried = 0
      for (let passed = 0; passed < range.count && tried < TRIES_MAX; passed++) {
        const port = range.first + next
        next = (next + 1) % range.count
        if (leased.has(port)) continue
        // Held while we look, as others may ask meanwhile.
        leased.add(port)
        tried++
        const error = await bind(port)
        if (error === null) return port
        leased.delete(port)
        if (error !== 'EADDRINUSE') throw cannotBind(port, error)
      }
      throw allTaken(range, leased.size, tried)
    },
  }
}

/** More taken ports in a row mean that something is wrong; binding all would take minutes. */
const TRIES_MAX = 64

function allTaken({ first, count }: PortRange, leased: number, tried: number) {
  const message = `No free port for a dyno between ${first} and ${first + count - 1}: ${leased} are leased to dynos, ${tried} others were tried and are in use.`
  return problem('no_port', message, {
    hint: 'Find out which program holds them: ss -ltnp',
  })
}

const cannotBind = (port: number, code: string) =>
  problem('no_port', `Port ${port} could not be bound for a dyno: ${code}.`, {
    hint: HINTS[code] ?? 'The log of the control plane says more: hokku status',
  })

const HINTS: Readonly<Record<string, string>> = {
  EMFILE: 'hokku has too many files open. Raise its limit (ulimit -n) and restart it.',
  ENFILE: 'The machine has too many files open. Raise fs.file-max.',
  EACCES: 'The machine does not let hokku bind ports. Look for a firewall or security module.',
  ENOBUFS: 'The machine is out of memory for sockets.',
}

/**
 * Ports below those that the kernel hands out by itself, so that no outgoing connection takes one.
 *
 * @param ephemeral the kernel's first one; 32768 on most machines
 */
export function portRange(ephemeral: number): PortRange {
  const end = Math.min(ephemeral, 32_000)
  const first = Math.max(end - PORTS, LOWEST_PORT)
  // A kernel may hand out nearly all ports; then each lease is a try like any other.
  return end - first >= PORTS_MIN ? { first, count: end - first } : { first: 20_000, count: PORTS }
}

const PORTS = 12_000
const PORTS_MIN = 1000
/** Below it lie the ports of services that people start themselves. */
const LOWEST_PORT = 10_000

function ephemeralFirst(): number {
  try {
    const text = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
    return Number.parseInt(text, 10) || EPHEMERAL_USUAL
  } catch {
    return EPHEMERAL_USUAL
  }
}

const EPHEMERAL_USUAL = 32_768

async function tryBind(port: number): Promise<string | null> {
  const server = createServer()
  return await new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'UNKNOWN'))
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () =>
      server.close(() => resolve(null)),
    )
  })
}
