import type { Address, Connection } from './connection.ts'
import { LIMITS } from './limits.ts'

/**
 * A server that requests are sent to, with its open connections. Counts what is under way there,
 * from the choice of the server to the last byte of its answer, so that a drain knows its end.
 */
export class Upstream {
  readonly id: string
  readonly dyno: string
  readonly address: Address
  /** Epoch milliseconds until which it is passed over, since it refused a connection. */
  refusedUntil = 0
  #inFlight = 0
  #closed = false
  #idle: Connection[] = []
  /** Ends connections that were handed over (WebSocket), which could hold a drain forever. */
  readonly #splices = new Set<() => void>()
  #whenFree: (() => void)[] = []

  constructor(id: string, dyno: string, address: Address) {
    this.id = id
    this.dyno = dyno
    this.address = address
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** A request was meant for this server; `leave` must follow. */
  enter(): void {
    this.#inFlight++
  }

  leave(): void {
    this.#inFlight--
    if (this.#inFlight > 0) return
    for (const done of this.#whenFree.splice(0)) done()
  }

  /** Resolves when nothing is under way here; at once if nothing is. */
  free(): Promise<void> {
    if (this.#inFlight === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenFree.push(resolve))
  }

  addSplice(cut: () => void): () => void {
    this.#splices.add(cut)
    return () => this.#splices.delete(cut)
  }

  cutSplices(): void {
    for (const cut of this.#splices) cut()
  }

  /** An idle connection that can be written to at once. */
  takeIdle(): Connection | undefined {
    for (;;) {
      const connection = this.#idle.pop()
      if (connection?.socket.destroyed !== true) return connection
    }
  }

  /** Whether the connection is kept for the next request. */
  keep(connection: Connection): boolean {
    if (this.#closed || this.#idle.length >= LIMITS.idleConnectionsPerDynoMax) return false
    this.#idle.push(connection)
    return true
  }

  forget(connection: Connection): void {
    const at = this.#idle.indexOf(connection)
    if (at !== -1) this.#idle.splice(at, 1)
  }

  /** Takes no further connections and drops the idle ones; what is under way continues. */
  close(): void {
    this.#closed = true
    for (const connection of this.#idle.splice(0)) connection.destroy()
  }
}
