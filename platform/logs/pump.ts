import { watch, type FSWatcher } from 'node:fs'
import { setImmediate, setTimeout } from 'node:timers/promises'

/** Something on disk that grows and is read bit by bit. */
export type Source = Readonly<{
  /** File or folder whose change means that there is more. */
  watched: string
  hasMore: () => boolean
  /** Reads at most one budget, `READ_BYTES_MAX`: `full` if all of it, so there may be more. */
  read: () => 'full' | 'some' | 'none'
  close: () => void
}>

/** How much one source may read before the others have their turn: about a millisecond of work. */
export const READ_BYTES_MAX = 256 * 1024

type State = {
  watcher: FSWatcher | undefined
  quietTurns: number
  retryAt: number
  isFailing: boolean
}

/**
 * Reads growing sources fairly. A quiet source is watched; once it changes it is read every 20 ms,
 * with its watch taken down, since a busy writer would cause an event a line. While there is more
 * than a budget, turns follow at once, always leaving the event loop to others in between.
 */
export class Pump {
  readonly #sources = new Map<Source, State>()
  readonly #busy = new Set<Source>()
  readonly #closing = new AbortController()
  readonly #poll: NodeJS.Timeout
  readonly #onError: (source: Source, error: unknown) => void
  #running = false

  /** @param onError called for a source's first failure, not for each attempt after it */
  constructor(onError: (source: Source, error: unknown) => void) {
    this.#onError = onError
    this.#poll = setInterval(() => this.#wakeChanged(), POLL_MS).unref()
  }

  add(source: Source): void {
    const state = { watcher: undefined, quietTurns: 0, retryAt: 0, isFailing: false }
    this.#sources.set(source, state)
    this.#wake(source)
  }

  remove(source: Source): void {
    this.#rest(source)
    this.#sources.delete(source)
    source.close()
  }

  close(): void {
    clearInterval(this.#poll)
    this.#closing.abort()
    for (const source of this.#sources.keys()) this.remove(source)
  }

  #wake(source: Source): void {
    const state = this.#sources.get(source)
    if (state === undefined) return
    state.watcher?.close()
    state.watcher = undefined
    state.quietTurns = 0
    this.#busy.add(source)
    if (!this.#running) void this.#run()
  }

  /** Back to watching, or to nothing if the source is being removed. */
  #rest(source: Source): void {
    this.#busy.delete(source)
    const state = this.#sources.get(source)
    state?.watcher?.close()
    if (state !== undefined) state.watcher = undefined
  }

  async #run(): Promise<void> {
    this.#running = true
    while (this.#busy.size > 0 && !this.#closing.signal.aborted) {
      let isBehind = false
      for (const source of this.#busy) {
        isBehind = this.#turn(source) || isBehind
        await setImmediate()
      }
      if (!isBehind) await setTimeout(TURN_MS, undefined, { ref: false })
    }
    this.#running = false
  }

  /** @returns whether the source filled its budget */
  #turn(source: Source): boolean {
    const state = this.#sources.get(source)
    if (state === undefined) return false
    try {
      const outcome = source.read()
      state.isFailing = false
      state.quietTurns = outcome === 'none' ? state.quietTurns + 1 : 0
      if (state.quietTurns > QUIET_TURNS) this.#watch(source, state)
      return outcome === 'full'
    } catch (error) {
      // A full disk, mostly. Nothing is lost: the position stays, and the poll tries again.
      if (!state.isFailing) this.#onError(source, error)
      state.isFailing = true
      this.#busy.delete(source)
      state.retryAt = Date.now() + RETRY_MS
      return false
    }
  }

  #watch(source: Source, state: State): void {
    this.#busy.delete(source)
    try {
      state.watcher = watch(source.watched, { persistent: false }, () => this.#wake(source))
      state.watcher.on('error', () => this.#rest(source))
    } catch {
      // Not there yet, or no watches left: the poll notices.
    }
    if (hasMore(source)) this.#wake(source)
  }

  /** Slow, and usually in vain: finds what a watch has missed or could not watch. */
  #wakeChanged(): void {
    for (const [source, state] of this.#sources) {
      if (this.#busy.has(source) || state.retryAt > Date.now()) continue
      if (hasMore(source)) this.#wake(source)
      else if (state.watcher === undefined) this.#watch(source, state)
    }
  }
}

function hasMore(source: Source): boolean {
  try {
    return source.hasMore()
  } catch {
    return false
  }
}

const TURN_MS = 20
/** A source that was silent for this many turns is watched again. */
const QUIET_TURNS = 10
const POLL_MS = 2000
const RETRY_MS = 1000
