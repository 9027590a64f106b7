import { Problem, reasonOf } from '@hokku/kit/problem'
import type { JsonValue, NewEvent } from '../events/event.ts'
import { readEvent } from '../events/event-reader.ts'
import type { EventStore } from '../events/event-store.ts'
import { problem } from '../problems.ts'
import type { Caller } from './access.ts'
import type { FailureLog } from './failure-log.ts'
import type { EventServerPlugin } from './plugins.ts'
import type { Stats } from './stats.ts'

export type BatchResult =
  | Readonly<{ status: 201; eventId: string }>
  | Readonly<{ status: number; message: string }>

export type IntakeOptions = Readonly<{
  store: EventStore
  plugins: readonly EventServerPlugin[]
  /** Undefined: nothing is counted. */
  stats: Stats | undefined
  log: (message: string) => void
  failures: FailureLog
}>

/** The one way in for events, whether single, in a batch or by webhook. */
export class Intake {
  readonly #options: IntakeOptions

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  /** Stores one event and gives its id after the commit. */
  async accept(caller: Caller, json: JsonValue): Promise<string> {
    const event = readEvent(json, Date.now())
    checkAllowed(caller, event)
    return this.acceptRead(caller, event)
  }

  /** As `accept`, for an event that was read already; the key's list of events does not count. */
  async acceptRead(caller: Caller, event: NewEvent): Promise<string> {
    await this.#askBlockers(caller, event)
    return this.#store(caller, event)
  }

  /**
   * Stores what is valid of a batch; one result an element, in their order.
   *
   * @throws Problem `event_blocked`: then nothing was stored
   */
  async acceptBatch(caller: Caller, items: readonly JsonValue[]): Promise<BatchResult[]> {
    const nowMs = Date.now()
    const read = items.map((item) => attempt(() => readAllowed(caller, item, nowMs)))
    for (const event of read) if (!isFailed(event)) await this.#askBlockers(caller, event)
    return Promise.all(
      read.map(async (event): Promise<BatchResult> => {
        if (isFailed(event)) return event
        try {
          return { status: 201, eventId: await this.#store(caller, event) }
        } catch (error) {
          if (!(error instanceof Problem)) throw error
          return { status: error.status, message: error.message }
        }
      }),
    )
  }

  async #store(caller: Caller, event: NewEvent): Promise<string> {
    const { store, stats } = this.#options
    const id = await store.insert(caller.feed, event).catch((error: unknown) => {
      throw this.#options.failures.logged(error)
    })
    stats?.count(caller.feed.appId, event, Date.now())
    this.#tellSniffers(caller, { ...event, id })
    return id
  }

  async #askBlockers(caller: Caller, event: NewEvent): Promise<void> {
    for (const plugin of this.#options.plugins) {
      if (plugin.kind !== 'inputblocker') continue
      try {
        await plugin.process({ ...caller.feed, event })
      } catch (error) {
        throw problem('event_blocked', reasonOf(error))
      }
    }
  }

  #tellSniffers(caller: Caller, event: NewEvent): void {
    for (const plugin of this.#options.plugins) {
      if (plugin.kind !== 'inputsniffer') continue
      Promise.try(() => plugin.process({ ...caller.feed, event })).catch((error: unknown) =>
        this.#options.log(`The plugin ${plugin.name} failed: ${String(error)}`),
      )
    }
  }
}

function readAllowed(caller: Caller, item: JsonValue, nowMs: number): NewEvent {
  const event = readEvent(item, nowMs)
  checkAllowed(caller, event)
  return event
}

function checkAllowed({ allowedEvents }: Caller, { event }: NewEvent): void {
  if (allowedEvents.length === 0 || allowedEvents.includes(event)) return
  throw problem('event_not_allowed', `${event} events are not allowed`)
}

type Failed = Readonly<{ status: number; message: string }>

const isFailed = (result: NewEvent | Failed): result is Failed => 'status' in result

function attempt(read: () => NewEvent): NewEvent | Failed {
  try {
    return read()
  } catch (error) {
    if (error instanceof Problem) return { status: error.status, message: error.message }
    throw error
  }
}
