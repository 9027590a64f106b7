import type { LogRecord } from '../contract.ts'
import { timestamp } from '../line-format.ts'

/**
 * A record as octet-counted syslog frames, one a line, as Heroku sends them: `<length> <PRI>1 <time>
 * <host> <source> <process> - <message>`.
 *
 * @param host what stands in the host field: `host`, or the drain's token where nothing else names it
 * @see RFC 5424 §6, RFC 6587 §3.4.1
 */
export function syslogFrames(record: LogRecord, host: string): Buffer {
  const { at, source, process, text } = record
  const head = `<${priority(record)}>1 ${timestamp(at)} ${host} ${source} ${process} - `
  const lines = text.toString('latin1', 0, Math.max(0, text.length - 1)).split('\n')
  const frames = lines.map((line) => `${head.length + line.length} ${head}${line}`)
  return Buffer.from(frames.join(''), 'latin1')
}

/** Facility local7 for apps, local3 for the router, syslog for the platform; severity info, notice. */
function priority({ source, process }: LogRecord): number {
  if (source === 'app') return 190
  return process === 'router' ? 158 : 45
}
