import type { RoutedApp } from './contract.ts'
import type { HCode } from './h-codes.ts'
import { LIMITS } from './limits.ts'
import type { Upstream } from './upstream.ts'

/** A request that waits for an app to have an instance. */
export type Waiter = Readonly<{ go: () => void; fail: (code: HCode) => void }>

/** What is to be done with a request for an app as it now stands. */
export function verdictOf(
  app: Pick<RoutedApp, 'state' | 'maintenance'>,
  instances: number,
): 'forward' | 'wait' | HCode {
  if (app.maintenance) return 'H80'
  switch (app.state) {
    case 'live':
      return instances > 0 ? 'forward' : 'wait'
    case 'asleep':
      return 'wait'
    case 'crashed':
      return 'H10'
    case 'stopped':
      return 'H14'
    case 'blank':
      return 'H81'
  }
}

/** One app of the table in force, and who waits for it. */
export class AppRoute {
  #app: RoutedApp
  #upstreams: readonly Upstream[]
  readonly #waiting = new Set<Waiter>()

  constructor(app: RoutedApp, upstreams: readonly Upstream[]) {
    this.#app = app
    this.#upstreams = upstreams
  }

  get app(): RoutedApp {
    return this.#app
  }

  get upstreams(): readonly Upstream[] {
    return this.#upstreams
  }

  get isAwaited(): boolean {
    return this.#waiting.size > 0
  }

  get verdict(): 'forward' | 'wait' | HCode {
    return verdictOf(this.#app, this.#upstreams.length)
  }

  /** Puts a request in line. Returns how to leave it again, or nothing if the line is too long. */
  wait(waiter: Waiter): (() => void) | undefined {
    const dynos = Math.max(1, this.#upstreams.length)
    if (this.#waiting.size >= LIMITS.waitingPerDynoMax * dynos) return undefined
    this.#waiting.add(waiter)
    return () => void this.#waiting.delete(waiter)
  }

  /** The app has changed: those who wait go, fail, or wait on. */
  update(app: RoutedApp, upstreams: readonly Upstream[]): void {
    this.#app = app
    this.#upstreams = upstreams
    const verdict = this.verdict
    if (verdict === 'wait') return
    this.#release(verdict)
  }

  /** The app is gone from the table. */
  remove(): void {
    this.#upstreams = []
    this.#release('H14')
  }

  #release(verdict: 'forward' | HCode): void {
    const waiters = [...this.#waiting]
    this.#waiting.clear()
    for (const waiter of waiters) {
      if (verdict === 'forward') waiter.go()
      else waiter.fail(verdict)
    }
  }
}
