import type { LogRecord } from './contract.ts'

/** Heroku's time: microseconds and a numeric zone, e.g. `2026-01-02T03:04:05.123456+00:00`. */
export function timestamp(micros: number): string {
  const milliseconds = Math.floor(micros / 1000)
  const rest = String(micros - milliseconds * 1000).padStart(3, '0')
  return `${new Date(milliseconds).toISOString().slice(0, 23)}${rest}+00:00`
}

/** Lines as `logs` prints them: `<time> <source>[<process>]: <message>`. */
export function plainLines(record: LogRecord): Buffer {
  return prefixLines(record.text, prefixOf(record))
}

/**
 * One server-sent event: a `data:` field a line, and the number of the last line as its id. A
 * carriage return would end the field early, so it becomes a blank.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function serverSentEvent(record: LogRecord): Buffer {
  const id = `id: ${record.first + record.count - 1}\n`
  const text = record.text.includes(CR)
    ? Buffer.from(record.text.toString('latin1').replaceAll('\r', ' '), 'latin1')
    : record.text
  const data = prefixLines(text, `data: ${prefixOf(record)}`)
  return Buffer.concat([Buffer.from(id), data, EVENT_END])
}

const CR = 13
const EVENT_END = Buffer.from('\n')

const prefixOf = ({ at, source, process }: LogRecord): string =>
  `${timestamp(at)} ${source}[${process}]: `

/** Bytes go through Latin-1 strings, which keep each as it is and are quick to search. */
function prefixLines(text: Buffer, prefix: string): Buffer {
  const lines = text.toString('latin1', 0, Math.max(0, text.length - 1))
  if (text.length === 0) return text
  return Buffer.from(`${prefix}${lines.replaceAll('\n', `\n${prefix}`)}\n`, 'latin1')
}
