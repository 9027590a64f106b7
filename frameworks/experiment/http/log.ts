import { createWriteStream, type WriteStream } from 'node:fs'
import { resolve } from 'node:path'

/** Where a study's server writes what happens; levels as in `loglevel`. */
export type Log = Readonly<{
  debug: (text: string) => void
  info: (text: string) => void
  warning: (text: string) => void
  error: (text: string, error?: unknown) => void
  access: (line: string) => void
  close: () => Promise<void>
}>

const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const

/**
 * @param directory what relative paths are relative to; `-` is standard output
 */
export function openLog(
  server: Readonly<{ logfile: string; accesslog: string; loglevel: number }>,
  directory: string,
): Log {
  const main = openTarget(server.logfile, directory)
  const access = openTarget(server.accesslog, directory)
  const write = (level: number, text: string): void => {
    if (level < server.loglevel) return
    main.write(`${new Date().toISOString()} ${LEVELS[level] ?? 'ERROR'} ${oneLine(text)}\n`)
  }
  return {
    debug: (text) => write(0, text),
    info: (text) => write(1, text),
    warning: (text) => write(2, text),
    error: (text, error) => write(3, error === undefined ? text : `${text}: ${stackOf(error)}`),
    access: (line) => access.write(`${oneLine(line)}\n`),
    close: async () => {
      await Promise.all([main.close(), access.close()])
    },
  }
}

type Target = Readonly<{ write: (text: string) => void; close: () => Promise<void> }>

function openTarget(path: string, directory: string): Target {
  if (path === '' || path === '/dev/null') return { write: () => {}, close: async () => {} }
  if (path === '-') {
    return { write: (text) => void process.stdout.write(text), close: async () => {} }
  }
  let stream: WriteStream | undefined
  const open = (): WriteStream => {
    if (stream !== undefined) return stream
    stream = createWriteStream(resolve(directory, path), { flags: 'a', mode: 0o600 })
    // A log that cannot be written must not stop the study.
    stream.on('error', (error) => process.stderr.write(`${path}: ${error.message}\n`))
    return stream
  }
  return {
    write: (text) => void open().write(text),
    close: () =>
      new Promise((done) => {
        if (stream === undefined) done()
        else stream.end(() => done())
      }),
  }
}

/** No one can forge a second entry by a line break in an address. */
const oneLine = (text: string): string =>
  text
    .slice(0, LINE_LENGTH_MAX)
    .replaceAll('\n', '\n    ')
    // oxlint-disable-next-line no-control-regex -- control characters are what is removed
    .replaceAll(/[\u0000-\u0009\u000B-\u001F\u007F]/g, '?')

const LINE_LENGTH_MAX = 8_000

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)
