/** What a clock in a time zone shows. `month` is 1 to 12. */
export type LocalTime = Readonly<{
  year: number
  month: number
  day: number
  hour: number
  minute: number
}>

/** The clock of an IANA time zone at a moment. @throws RangeError for a zone that is not known */
export function localTime(at: Date | number, timezone: string): LocalTime {
  const parts = formatOf(timezone).formatToParts(at)
  const value = (type: string): number => Number(parts.find((part) => part.type === type)?.value)
  return {
    year: value('year'),
    month: value('month'),
    day: value('day'),
    hour: value('hour'),
    minute: value('minute'),
  }
}

/** Whether this machine knows a time zone, e.g. `Europe/Berlin`. */
export function isTimezone(name: string): boolean {
  try {
    formatOf(name)
    return true
  } catch {
    return false
  }
}

const formats = new Map<string, Intl.DateTimeFormat>()
function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  formats.set(timezone, format)
  return format
}
