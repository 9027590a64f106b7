import type { spawn as spawnPty } from '@lydell/node-pty'
import { spawn, type ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import type { TerminalSize } from '../engine.ts'

/** A child whose standard streams are in our hands. */
export type Streams = Readonly<{
  pid: number
  input: Writable
  /** Standard output and error, as one; ends with the child. */
  output: Readable
  ended: Promise<void>
}>

export type StreamsRequest = Readonly<{
  file: string
  args: readonly string[]
  env: Readonly<Record<string, string>>
  cwd: string
  /** A folder of the instance, for what the fallback needs. */
  folder: string
}>

/** Starts a program with pipes on its standard streams. */
export function startOnPipes({ file, args, env, cwd }: StreamsRequest): Streams {
  return streamsOf(spawn(file, args, { env, cwd, detached: true, stdio: 'pipe' }))
}

/**
 * Starts a program on a terminal of its own: by node-pty, or by the system's `script` where there
 * is no build of it.
 */
export async function startOnTerminal(
  request: StreamsRequest,
  size: TerminalSize,
  loadPty: () => Promise<PtyModule> = async () => await import('@lydell/node-pty'),
): Promise<Streams> {
  const pty = await loadPty().catch(() => undefined)
  return pty === undefined ? startOnScript(request, size) : startOnPty(pty, request, size)
}

type PtyModule = Readonly<{ spawn: typeof spawnPty }>

function startOnPty(
  pty: PtyModule,
  { file, args, env, cwd }: StreamsRequest,
  { columns, rows }: TerminalSize,
): Streams {
  const terminal = pty.spawn(file, [...args], {
    name: 'xterm',
    cols: columns,
    rows,
    cwd,
    env: { ...env },
    encoding: null,
  })
  const output = new Readable({ read: () => terminal.resume() })
  // With `encoding: null` the data are bytes, although the type says text.
  terminal.onData((chunk) => {
    if (!output.push(chunk as unknown as Buffer)) terminal.pause()
  })
  const ended = new Promise<void>((resolve) =>
    terminal.onExit(() => {
      output.push(null)
      resolve()
    }),
  )
  const input = new Writable({
    write(chunk, _encoding, done) {
      terminal.write(chunk as unknown as string)
      done()
    },
  })
  return { pid: terminal.pid, input, output, ended }
}

/** `script` runs one line of a shell: it starts a file of ours, so nothing is quoted twice. */
function startOnScript(
  { file, args, env, cwd, folder }: StreamsRequest,
  { columns, rows }: TerminalSize,
): Streams {
  const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
  const before = `stty cols ${columns} rows ${rows}\ncd ${quote(cwd)}\n`
  const lines = `${before}exec ${[file, ...args].map(quote).join(' ')}\n`
  writeFileSync(join(folder, 'terminal.sh'), lines, { mode: 0o600 })
  const scriptArgs =
    process.platform === 'darwin'
      ? ['-q', '/dev/null', 'sh', 'terminal.sh']
      : ['-qfec', 'sh terminal.sh', '/dev/null']
  const options = { env: { ...env, SHELL: '/bin/sh' }, cwd: folder, detached: true } as const
  return streamsOf(spawn('script', scriptArgs, { ...options, stdio: 'pipe' }))
}

function streamsOf(child: ChildProcess): Streams {
  if (child.stdin === null || child.stdout === null) throw new TypeError('the child has no pipes')
  // A program may close its input or end while we write: that is its right.
  child.stdin.on('error', () => {})
  child.on('error', () => {})
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()))
  return { pid: child.pid ?? -1, input: child.stdin, output: child.stdout, ended }
}
