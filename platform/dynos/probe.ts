import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits until something accepts connections at `port` of this machine.
 *
 * @returns the address that does, or undefined once `signal` aborts
 */
export async function untilAccepting(
  port: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (let pause = PAUSE_MS_MIN; !signal.aborted; pause = Math.min(pause * 1.5, PAUSE_MS_MAX)) {
    for (const host of LOOPBACK) if (await accepts(host, port)) return host
    await sleep(pause, undefined, { signal }).catch(() => {})
  }
  return undefined
}

/** Programs that listen on `localhost` may have chosen either. */
const LOOPBACK = ['127.0.0.1', '::1'] as const

/** Most programs need some tenths of a second; those that need more do not mind waiting. */
const PAUSE_MS_MIN = 20
const PAUSE_MS_MAX = 500

async function accepts(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port, timeout: CONNECT_MS })
  try {
    return await new Promise((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('timeout', () => resolve(false))
      socket.once('error', () => resolve(false))
    })
  } finally {
    socket.destroy()
  }
}

const CONNECT_MS = 1000
