import type { Store } from '../store/index.ts'

/** Puts Eco apps to sleep that had no web request for a while (ruling 23). */
export class SleepClock {
  readonly #idleMs: number
  readonly #store: Store
  readonly #timer: NodeJS.Timeout
  readonly #seen = new Map<string, number>()
  /** Requests of before our time are unknown: every app gets a whole interval first. */
  readonly #since = Date.now()

  constructor(idleMs: number, store: Store, sleep: (appId: string) => void) {
    this.#idleMs = idleMs
    this.#store = store
    const every = Math.max(TICK_MS_MIN, Math.min(TICK_MS_MAX, idleMs / 4))
    this.#timer = setInterval(() => this.#dueApps().forEach(sleep), every).unref()
  }

  sawActivity(appIds: readonly string[]): void {
    for (const id of appIds) this.#seen.set(id, Date.now())
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Apps whose web dynos are up, small enough to sleep, and were not asked for long. */
  #dueApps(): string[] {
    const due = Date.now() - this.#idleMs
    const web = this.#store.dynos
      .all()
      .filter(
        ({ type, state, size, retired }) =>
          type === 'web' && state === 'up' && size === 'Eco' && !retired,
      )
    const idle = web.filter(({ appId, stateSince }) => {
      const last = Math.max(this.#seen.get(appId) ?? this.#since, Date.parse(stateSince))
      return last <= due
    })
    return [...new Set(idle.map(({ appId }) => appId))]
  }
}

const TICK_MS_MIN = 250
const TICK_MS_MAX = 60_000
