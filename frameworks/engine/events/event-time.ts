import type { ZonedTime } from './event.ts'

/**
 * Reads an ISO-8601 time that carries its zone, e.g. `2004-12-13T21:39:45.618-07:00`.
 *
 * Digits after the millisecond are cut off; months, days and times may lack a leading zero.
 *
 * @returns undefined for anything else: a date alone, a blank for the T, no offset, an impossible day
 */
export function parseTime(text: string): ZonedTime | undefined {
  const match = TIME.exec(text)
  if (match === null) return undefined
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6])]
  const offsetMinutes = parseOffset(match[8] ?? '')
  if (offsetMinutes === undefined || hour > 23 || minute > 59 || second > 59) return undefined
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined
  const millisecond = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'))
  // Date.UTC takes years below 100 for those of the last century; 400 years are always as long.
  const local = Date.UTC(year + 400, month - 1, day, hour, minute, second, millisecond)
  const ms = local - FOUR_CENTURIES_MS - offsetMinutes * MINUTE_MS
  return ms < EARLIEST_MS || ms > LATEST_MS ? undefined : { ms, offsetMinutes }
}

const TIME =
  /^(\d{1,4})-(\d{1,2})-(\d{1,2})T(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d+))?(Z|[+-]\d{2}(?::?\d{2})?)$/

const daysOf = (year: number, month: number): number =>
  month === 2 && isLeapYear(year) ? 29 : (DAYS[month - 1] ?? 0)

const isLeapYear = (year: number): boolean =>
  year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const FOUR_CENTURIES_MS = 146_097 * 86_400_000

/** The years that have four digits in UTC, too. */
const EARLIEST_MS = new Date('0001-01-01T00:00:00Z').getTime()
const LATEST_MS = new Date('9999-12-31T23:59:59.999Z').getTime()

const MINUTE_MS = 60_000

function parseOffset(text: string): number | undefined {
  if (text === 'Z') return 0
  const hours = Number(text.slice(1, 3))
  const minutes = Number(text.slice(3).replace(':', '') || '0')
  if (hours > 23 || minutes > 59) return undefined
  const offset = hours * 60 + minutes
  return text.startsWith('-') && offset > 0 ? -offset : offset
}

/** Writes a time with milliseconds and its own offset, `Z` where that is zero. */
export function formatTime({ ms, offsetMinutes }: ZonedTime): string {
  if (offsetMinutes === 0) return new Date(ms).toISOString()
  const local = new Date(ms + offsetMinutes * MINUTE_MS).toISOString().slice(0, -1)
  const size = Math.abs(offsetMinutes)
  const sign = offsetMinutes < 0 ? '-' : '+'
  return `${local}${sign}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`
}

const twoDigits = (value: number): string => String(value).padStart(2, '0')

export const utc = (ms: number): ZonedTime => ({ ms, offsetMinutes: 0 })
