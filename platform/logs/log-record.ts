import type { LogRecord, LogSource } from './contract.ts'

/** The followed output that lines come from, and the byte after the last of them. */
export type Position = Readonly<{ output: string; offset: number }>

export type StoredRecord = LogRecord & Readonly<{ position: Position | null }>

/** A record that has not been given its place yet. */
export type LogEntry = Omit<StoredRecord, 'first'>

export const emptyText = Buffer.alloc(0)

/**
 * A record's first line on disk: first number, count, time, source, process, output, offset, bytes
 * of text that follow. Lines and the position they were read up to are one write: after a crash
 * both are there, or neither.
 */
export function encodeHeader(record: StoredRecord): string {
  const { first, count, at, source, process, position, text } = record
  const { output, offset } = position ?? { output: '-', offset: 0 }
  return `${first} ${count} ${at} ${source} ${process} ${output} ${offset} ${text.length}\n`
}

/** Reads records up to the first that is torn or is none. `bytes` is where that one starts. */
export function decodeRecords(data: Buffer): { records: StoredRecord[]; bytes: number } {
  const records: StoredRecord[] = []
  let bytes = 0
  while (bytes < data.length) {
    const end = data.indexOf(LINE_FEED, bytes)
    if (end === -1 || end - bytes > HEADER_BYTES_MAX) break
    const header = HEADER.exec(data.toString('latin1', bytes, end))
    if (header === null) break
    const textEnd = end + 1 + Number(header[8])
    if (textEnd > data.length) break
    records.push(recordOf(header, data.subarray(end + 1, textEnd)))
    bytes = textEnd
  }
  return { records, bytes }
}

const HEADER = /^(\d+) (\d+) (\d+) (app|heroku) (\S+) (\S+) (\d+) (\d+)$/
const HEADER_BYTES_MAX = 1024
const LINE_FEED = 10

const recordOf = (header: RegExpExecArray, text: Buffer): StoredRecord => ({
  first: Number(header[1]),
  count: Number(header[2]),
  at: Number(header[3]),
  source: header[4] as LogSource,
  process: header[5] ?? '',
  position: header[6] === '-' ? null : { output: header[6] ?? '', offset: Number(header[7]) },
  text,
})

/** A record without its first `count` lines. */
export function skipLines(record: LogRecord, count: number): LogRecord {
  if (count <= 0) return record
  let start = 0
  for (let i = 0; i < count; i++) start = record.text.indexOf(LINE_FEED, start) + 1
  return {
    ...record,
    first: record.first + count,
    count: record.count - count,
    text: record.text.subarray(start),
  }
}

/** The newest `lines` lines, oldest first; the first record may lose some of its lines. */
export function newestLines(records: readonly LogRecord[], lines: number): LogRecord[] {
  const newest: LogRecord[] = []
  let missing = lines
  for (const record of records.toReversed()) {
    if (missing <= 0) break
    if (record.count === 0) continue
    newest.push(skipLines(record, record.count - missing))
    missing -= record.count
  }
  return newest.reverse()
}
