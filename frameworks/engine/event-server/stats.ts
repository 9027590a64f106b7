import type { NewEvent } from '../events/event.ts'

type Window = { startMs: number; endMs: number | undefined; events: Map<string, Counter> }
type Counter = { key: EventKey; count: number }
type EventKey = { entityType: string; targetEntityType?: string; event: string }

/** Counts of the events that were created since this server started, per app, in memory. */
export class Stats {
  readonly #apps = new Map<number, { currentHour: Window; prevHour: Window; longLive: Window }>()
  readonly #startedMs: number

  constructor(nowMs: number) {
    this.#startedMs = nowMs
  }

  count(appId: number, event: NewEvent, nowMs: number): void {
    const { currentHour, longLive } = this.#windowsOf(appId, nowMs)
    for (const window of [currentHour, longLive]) countIn(window, event)
  }

  /** The body of `GET /stats.json`. */
  report(appId: number, nowMs: number): object {
    const { currentHour, prevHour, longLive } = this.#windowsOf(appId, nowMs)
    return {
      time: new Date(nowMs).toISOString(),
      currentHour: reportOf(currentHour),
      prevHour: reportOf(prevHour),
      longLive: reportOf(longLive),
    }
  }

  #windowsOf(appId: number, nowMs: number) {
    const hourMs = nowMs - (nowMs % HOUR_MS)
    const known = this.#apps.get(appId)
    if (known?.currentHour.startMs === hourMs) return known
    const isPrevious = known?.currentHour.startMs === hourMs - HOUR_MS
    const prevHour = isPrevious ? known.currentHour : emptyWindow(hourMs - HOUR_MS)
    const windows = {
      currentHour: emptyWindow(hourMs),
      prevHour: { ...prevHour, endMs: hourMs },
      longLive: known?.longLive ?? emptyWindow(this.#startedMs),
    }
    this.#apps.set(appId, windows)
    return windows
  }
}

const HOUR_MS = 3_600_000

const emptyWindow = (startMs: number): Window => ({
  startMs,
  endMs: undefined,
  events: new Map(),
})

function countIn(window: Window, { event, entityType, targetEntityType }: NewEvent): void {
  const name = JSON.stringify([entityType, targetEntityType, event])
  const counter = window.events.get(name)
  if (counter !== undefined) counter.count += 1
  // Clients choose the names: a careless one must not fill the memory.
  else if (window.events.size < KINDS_MAX) {
    const key = targetEntityType === undefined ? {} : { targetEntityType }
    window.events.set(name, { key: { entityType, ...key, event }, count: 1 })
  }
}

/** Most kinds of event that are counted apart. */
const KINDS_MAX = 10_000

function reportOf({ startMs, endMs, events }: Window): object {
  const counters = [...events.values()]
  const total = counters.reduce((sum, { count }) => sum + count, 0)
  return {
    startTime: new Date(startMs).toISOString(),
    ...(endMs === undefined ? {} : { endTime: new Date(endMs).toISOString() }),
    basic: counters.map(({ key, count }) => ({ key, value: count })),
    statusCode: total === 0 ? [] : [{ key: { intValue: 201, reason: 'Created' }, value: total }],
  }
}
