import { localTime } from '@hokku/kit/local-time'

/** A minute as a clock on the wall shows it. */
export type LocalMinute = Readonly<{
  year: number
  month: number
  day: number
  hour: number
  minute: number
  /** 0 is Sunday. */
  weekday: number
}>

/** The values that each field of cron allows. */
export type Cron = Readonly<{
  minutes: ReadonlySet<number>
  hours: ReadonlySet<number>
  days: ReadonlySet<number>
  months: ReadonlySet<number>
  weekdays: ReadonlySet<number>
  /** Whether days and weekdays are both limited: then either one is enough, as in cron. */
  eitherDay: boolean
}>

/**
 * Reads five fields of cron, or one of Heroku's three intervals: `every 10 minutes`, `hourly at :20`,
 * `daily at 02:30`.
 *
 * @returns what is wrong, as a sentence, for anything else
 */
export function parseSchedule(text: string): { cron: Cron; fields: string } | string {
  const fields = asFields(text.trim())
  const parts = fields.split(/\s+/)
  if (parts.length !== 5) {
    return `"${text}" is not a schedule: write five fields of cron, "every 10 minutes", "hourly at :20" or "daily at 02:30".`
  }
  const sets: ReadonlySet<number>[] = []
  for (const [i, { name, min, max, words }] of FIELDS.entries()) {
    const set = parseField(parts[i] ?? '', min, max, words)
    if (set === undefined) return `"${parts[i]}" is not a ${name} of cron (${min} to ${max}).`
    sets.push(set)
  }
  const [minutes, hours, days, months, weekdays] = sets
  if (!minutes || !hours || !days || !months || !weekdays) return `"${text}" is not a schedule.`
  const eitherDay = parts[2] !== '*' && parts[4] !== '*'
  // Sunday is 0 and 7.
  const sunday = weekdays.has(7) ? new Set([...weekdays, 0]) : weekdays
  return { cron: { minutes, hours, days, months, weekdays: sunday, eitherDay }, fields }
}

function asFields(text: string): string {
  if (/^every 10 minutes$/i.test(text)) return '*/10 * * * *'
  const hourly = /^(?:hourly|every hour) at :?(\d{1,2})$/i.exec(text)
  if (hourly !== null) return `${Number(hourly[1])} * * * *`
  const daily = /^(?:daily|every day) at (\d{1,2}):(\d\d)$/i.exec(text)
  if (daily !== null) return `${Number(daily[2])} ${Number(daily[1])} * * *`
  return text.replace(
    /^@(hourly|daily|midnight|weekly|monthly|yearly|annually)$/,
    (_, name: string) => NAMED.get(name) ?? '',
  )
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['hourly', '0 * * * *'],
  ['daily', '0 0 * * *'],
  ['midnight', '0 0 * * *'],
  ['weekly', '0 0 * * 0'],
  ['monthly', '0 0 1 * *'],
  ['yearly', '0 0 1 1 *'],
  ['annually', '0 0 1 1 *'],
])

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const WEEKDAYS = 'sun mon tue wed thu fri sat'.split(' ')

const FIELDS = [
  { name: 'minute', min: 0, max: 59, words: [] },
  { name: 'hour', min: 0, max: 23, words: [] },
  { name: 'day of the month', min: 1, max: 31, words: [] },
  { name: 'month', min: 1, max: 12, words: ['', ...MONTHS] },
  { name: 'weekday', min: 0, max: 7, words: WEEKDAYS },
] as const

/** `*`, `5`, `1-5`, `*-59/10`, `1-30/2`, and lists of them. */
function parseField(
  text: string,
  min: number,
  max: number,
  words: readonly string[],
): ReadonlySet<number> | undefined {
  const values = new Set<number>()
  for (const item of text.toLowerCase().split(',')) {
    const match = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d{1,2}))?$/.exec(item)
    if (match === null) return undefined
    const [, from = '', to, step] = match
    const first = from === '*' ? min : valueOf(from, words)
    const last =
      from === '*' || (to === undefined && step !== undefined) ? max : valueOf(to ?? from, words)
    const by = Number(step ?? 1)
    if (!(first >= min && last <= max && first <= last && by >= 1)) return undefined
    for (let value = first; value <= last; value += by) values.add(value)
  }
  return values
}

const valueOf = (text: string, words: readonly string[]): number => {
  const index = words.indexOf(text)
  return index > 0 || (index === 0 && text !== '')
    ? index
    : /^\d{1,2}$/.test(text)
      ? Number(text)
      : Number.NaN
}

export function matches(cron: Cron, at: LocalMinute): boolean {
  const isDay = cron.days.has(at.day)
  const isWeekday = cron.weekdays.has(at.weekday)
  return (
    cron.minutes.has(at.minute) &&
    cron.hours.has(at.hour) &&
    cron.months.has(at.month) &&
    (cron.eitherDay ? isDay || isWeekday : isDay && isWeekday)
  )
}

/**
 * The local minutes that a zone's clock comes to at `now`: one, or also those that it jumps over, so
 * that a job of a missing hour runs when the hour is over.
 *
 * @param now at the beginning of a minute
 */
export function localMinutes(now: Date, timezone: string): LocalMinute[] {
  const present = localMinute(now, timezone)
  const before = asUtc(localMinute(new Date(now.getTime() - MINUTE_MS), timezone))
  const gap = (asUtc(present) - before) / MINUTE_MS
  if (gap <= 1 || gap > GAP_MINUTES_MAX) return [present]
  return Array.from({ length: gap }, (_, i) => fromUtc(before + (i + 1) * MINUTE_MS))
}

const MINUTE_MS = 60_000
/** Clocks jump by an hour, at most by a few. */
const GAP_MINUTES_MAX = 180

/** `2026-10-25 02:30`: on the day on which an hour comes twice, the second one has the same name. */
export const nameOf = ({ year, month, day, hour, minute }: LocalMinute): string =>
  `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}`

const two = (value: number): string => String(value).padStart(2, '0')

const asUtc = ({ year, month, day, hour, minute }: LocalMinute): number =>
  Date.UTC(year, month - 1, day, hour, minute)

function fromUtc(time: number): LocalMinute {
  const date = new Date(time)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    weekday: date.getUTCDay(),
  }
}

function localMinute(at: Date, timezone: string): LocalMinute {
  const { year, month, day, hour, minute } = localTime(at, timezone)
  return fromUtc(Date.UTC(year, month - 1, day, hour, minute))
}
