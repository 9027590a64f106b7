/** A daily time: a full hour in an IANA time zone. */
export type DailyHour = Readonly<{ hour: number; timezone: string }>

/** Whether this machine knows a time zone, e.g. `Europe/Berlin`. */
export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/**
 * The next time that it is `hour` o'clock there, later than `after`. On the day on which clocks skip
 * that hour it is the full hour that follows; when an hour comes twice, the first one counts.
 */
export function nextRun({ hour, timezone }: DailyHour, after: Date): Date {
  const start = Math.floor(after.getTime() / STEP_MS) * STEP_MS
  for (let time = start + STEP_MS; time <= start + SEARCH_MS; time += STEP_MS) {
    const before = localHour(time - STEP_MS, timezone)
    const now = localHour(time, timezone)
    const arrives = now.hour === hour && now.minute === 0 && before.hour !== hour
    const skips = passes(before, now, hour)
    if (arrives || skips) return new Date(time)
  }
  throw new RangeError(`it is never ${hour}:00 in ${timezone}`)
}

type LocalTime = Readonly<{ hour: number; minute: number }>

/** Whether the clock jumped over `hour` between two steps. */
function passes(before: LocalTime, now: LocalTime, hour: number): boolean {
  const jumped = (now.hour * 60 + now.minute - (before.hour * 60 + before.minute) + DAY) % DAY
  if (jumped <= STEP_MS / 60_000 || jumped > 3 * 60) return false
  const distance = (hour * 60 - (before.hour * 60 + before.minute) + DAY) % DAY
  return distance > 0 && distance < jumped
}

function localHour(time: number, timezone: string): LocalTime {
  const parts = formatOf(timezone).formatToParts(time)
  const value = (type: string): number => Number(parts.find((part) => part.type === type)?.value)
  return { hour: value('hour'), minute: value('minute') }
}

const formats = new Map<string, Intl.DateTimeFormat>()
function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  formats.set(timezone, format)
  return format
}

/** All zones differ by multiples of a quarter of an hour. */
const STEP_MS = 15 * 60_000
const SEARCH_MS = 26 * 60 * 60_000
const DAY = 24 * 60
