import { localTime, type LocalTime } from '@hokku/kit/local-time'

/** A daily time: a full hour in an IANA time zone. */
export type DailyHour = Readonly<{ hour: number; timezone: string }>

/**
 * The next time that it is `hour` o'clock there, later than `after`. On the day on which clocks skip
 * that hour it is the full hour that follows; when an hour comes twice, the first one counts.
 */
export function nextRun({ hour, timezone }: DailyHour, after: Date): Date {
  const start = Math.floor(after.getTime() / STEP_MS) * STEP_MS
  for (let time = start + STEP_MS; time <= start + SEARCH_MS; time += STEP_MS) {
    const before = localTime(time - STEP_MS, timezone)
    const now = localTime(time, timezone)
    const arrives = now.hour === hour && now.minute === 0 && before.hour !== hour
    const skips = passes(before, now, hour)
    if (arrives || skips) return new Date(time)
  }
  throw new RangeError(`it is never ${hour}:00 in ${timezone}`)
}

/** Whether the clock jumped over `hour` between two steps. */
function passes(before: LocalTime, now: LocalTime, hour: number): boolean {
  const jumped = (now.hour * 60 + now.minute - (before.hour * 60 + before.minute) + DAY) % DAY
  if (jumped <= STEP_MS / 60_000 || jumped > 3 * 60) return false
  const distance = (hour * 60 - (before.hour * 60 + before.minute) + DAY) % DAY
  return distance > 0 && distance < jumped
}

/** All zones differ by multiples of a quarter of an hour. */
const STEP_MS = 15 * 60_000
const SEARCH_MS = 26 * 60 * 60_000
const DAY = 24 * 60
