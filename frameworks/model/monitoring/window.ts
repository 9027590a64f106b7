import { problem } from '../problems.ts'

/** What one point of a curve stands for: a step of the calendar in UTC, or so many predictions. */
export type Window =
  | Readonly<{ by: 'time'; unit: 'hour' | 'day' | 'week' }>
  | Readonly<{ by: 'rows'; rows: number }>

/** @throws Problem for anything but `hour`, `day`, `week` and a number of predictions */
export function parseWindow(text: string): Window {
  if (text === 'hour' || text === 'day' || text === 'week') return { by: 'time', unit: text }
  const rows = Number(text)
  if (Number.isInteger(rows) && rows >= WINDOW_ROWS_MIN && rows <= WINDOW_ROWS_MAX) {
    return { by: 'rows', rows }
  }
  throw problem(
    'request_invalid',
    `window is hour, day, week, or a number of predictions from ${WINDOW_ROWS_MIN} to ${WINDOW_ROWS_MAX}.`,
  )
}

/** Fewer say nothing about quality; more than that would be one window. */
const WINDOW_ROWS_MIN = 20
const WINDOW_ROWS_MAX = 1_000_000

/** The calendar step that gives a readable number of points between two times. */
export function readableWindow(first: Date | null, last: Date | null): Window {
  const days = first === null || last === null ? 0 : (last.getTime() - first.getTime()) / DAY_MS
  return { by: 'time', unit: days <= 4 ? 'hour' : days <= 180 ? 'day' : 'week' }
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export const windowText = (window: Window): string =>
  window.by === 'time' ? window.unit : String(window.rows)

/** Whether more predictions may still fall into a window. */
export function isPartial(
  window: Window,
  { from, count }: Readonly<{ from: Date; count: number }>,
  now: Date,
): boolean {
  if (window.by === 'rows') return count < window.rows
  return now.getTime() < startOf(from, window.unit).getTime() + LENGTH_MS[window.unit]
}

const LENGTH_MS = { hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS } as const

/** Where a window begins: at its step of the calendar, or with its first prediction. */
export const startOfWindow = (window: Window, first: Date): Date =>
  window.by === 'time' ? startOf(first, window.unit) : first

/** The same boundaries as PostgreSQL's date_trunc in UTC: weeks start on Monday. */
export function startOf(time: Date, unit: 'hour' | 'day' | 'week'): Date {
  const start = new Date(time)
  start.setUTCMinutes(0, 0, 0)
  if (unit === 'hour') return start
  start.setUTCHours(0)
  if (unit === 'week') start.setUTCDate(start.getUTCDate() - ((start.getUTCDay() + 6) % 7))
  return start
}
