import { setTimeout as sleep } from 'node:timers/promises'
import { errorOf, reasonOf } from '../problem.ts'
import { call, type PythonAnswer, type PythonCall } from './call.ts'
import { PythonFailure } from './failure.ts'
import { launch, type Running } from './launch.ts'
import type { PythonOptions } from './options.ts'

/**
 * A Python program that answers HTTP requests over a Unix socket, restarted when it ends.
 *
 * @example
 * const python = new PythonProcess({ name: 'custom.py', command: ['python3', 'main.py'], … })
 * const hello = await python.start()
 * const { status, body } = await python.ask({ method: 'GET', path: '/compute_bonus?uniqueId=W:A' })
 */
export class PythonProcess {
  readonly #options: PythonOptions
  readonly #stopping = new AbortController()
  readonly #waiting: (() => void)[] = []
  #running: Promise<Running>
  #pauseMs = PAUSE_MS
  #underWay = 0

  constructor(options: PythonOptions) {
    this.#options = options
    this.#running = Promise.reject(new PythonFailure('start', 'it was not started'))
    this.#running.catch(() => {})
  }

  /**
   * @returns what the program says about itself
   * @throws PythonFailure `start`; then it is not tried again
   */
  async start(): Promise<unknown> {
    const running = await launch(this.#options)
    this.#running = Promise.resolve(running)
    void this.#keep(running)
    return running.hello
  }

  /**
   * Hands a request over, and waits while the program starts again.
   *
   * @throws PythonFailure
   */
  async ask(request: PythonCall): Promise<PythonAnswer> {
    await this.#takeTurn()
    try {
      const running = await this.#ready()
      try {
        return await call(running.socketPath, request, this.#options.limits)
      } catch (error) {
        // A thread that hangs cannot be ended alone.
        if (error instanceof PythonFailure && error.kind === 'slow') running.kill(error.message)
        throw error
      }
    } finally {
      this.#underWay -= 1
      this.#waiting.shift()?.()
    }
  }

  /** Finishes what is under way, and ends the program. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    const running = await this.#running.catch(() => undefined)
    await running?.stop()
  }

  async #takeTurn(): Promise<void> {
    const { callsMax, waitingMax } = this.#options.limits
    if (this.#underWay >= callsMax) {
      if (this.#waiting.length >= waitingMax)
        throw new PythonFailure('busy', 'too many requests wait for it')
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    this.#underWay += 1
  }

  async #ready(): Promise<Running> {
    const deadline = new AbortController()
    const late = sleep(READY_MS, undefined, { signal: deadline.signal }).then(() => {
      throw new PythonFailure('start', 'it is starting again')
    })
    late.catch(() => {})
    try {
      return await Promise.race([this.#running, late])
    } finally {
      deadline.abort()
    }
  }

  /** Starts the program again whenever it ends, each time after a longer pause. */
  async #keep(first: Running): Promise<void> {
    let running: Running | undefined = first
    while (running !== undefined) {
      const since = performance.now()
      // oxlint-disable-next-line no-await-in-loop -- one program after the other
      const reason: string = await running.ended
      if (this.#stopping.signal.aborted) return
      if (performance.now() - since > PAUSE_MAX_MS) this.#pauseMs = PAUSE_MS
      this.#say(reason)
      this.#running = this.#again()
      // oxlint-disable-next-line no-await-in-loop
      running = await this.#running.catch(() => undefined)
    }
  }

  async #again(): Promise<Running> {
    for (;;) {
      const { signal } = this.#stopping
      // oxlint-disable-next-line no-await-in-loop -- pauses between tries are what is meant
      await sleep(this.#pauseMs, undefined, { signal }).catch((error: unknown) => {
        throw new PythonFailure('ended', 'it is being stopped', { cause: errorOf(error) })
      })
      this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSE_MAX_MS)
      try {
        // oxlint-disable-next-line no-await-in-loop
        return await launch(this.#options)
      } catch (error) {
        this.#say(reasonOf(error))
      }
    }
  }

  #say(reason: string): void {
    this.#options.log(`${this.#options.name}: ${reason}; it starts again in ${this.#pauseMs} ms`)
  }
}

const PAUSE_MS = 500
const PAUSE_MAX_MS = 30_000

/** A visitor waits no longer than this for a program that starts again. */
const READY_MS = 15_000
