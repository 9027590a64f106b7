import type { LogDrain } from '../../store/index.ts'
import type { AppLog } from '../app-log.ts'
import { runDrain } from './drain.ts'
import { parseDrainUrl } from './drain-url.ts'
import { httpsTransport } from './https-transport.ts'
import { syslogTransport } from './syslog-transport.ts'
import type { Transport } from './transport.ts'

type Running = Readonly<{ appId: string; stop: AbortController; ended: Promise<void> }>

/** The drains that are running, by id. */
export class Drains {
  readonly #logOf: (appId: string) => AppLog | undefined
  readonly #running = new Map<string, Running>()

  constructor(logOf: (appId: string) => AppLog | undefined) {
    this.#logOf = logOf
  }

  /** Starts those that are `wanted` and stops the others, of one app or of all. */
  refresh(wanted: readonly LogDrain[], app?: string): void {
    const ids = new Set(wanted.map(({ id }) => id))
    for (const [id, { appId, stop }] of this.#running) {
      if ((app === undefined || app === appId) && !ids.has(id)) {
        stop.abort()
        this.#running.delete(id)
      }
    }
    for (const drain of wanted) if (!this.#running.has(drain.id)) this.#start(drain)
  }

  async close(): Promise<void> {
    const ended = [...this.#running.values()].map((running) => running.ended)
    this.refresh([])
    await Promise.all(ended)
  }

  #start(drain: LogDrain): void {
    const log = this.#logOf(drain.appId)
    if (log === undefined) return
    const stop = new AbortController()
    const ended = runDrain(drain, log, transportOf(drain), stop.signal).catch((error: unknown) => {
      console.error(`logs: drain ${drain.id} has stopped:`, error)
    })
    this.#running.set(drain.id, { appId: drain.appId, stop, ended })
  }
}

function transportOf(drain: LogDrain): Transport {
  const url = parseDrainUrl(drain.url)
  return url.protocol.startsWith('http')
    ? httpsTransport(url, drain.token)
    : syslogTransport(url, drain.token)
}
