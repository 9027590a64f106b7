import { spawn, type ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AttachedProcess, TerminalSize } from '../engine.ts'

/** A child whose standard streams are in our hands; `ended` tells of the child, not the program. */
export type Streams = Omit<AttachedProcess, 'ended' | 'hangUp'> & {
  pid: number
  ended: Promise<void>
}

export type StreamsRequest = Readonly<{
  file: string
  args: readonly string[]
  env: Readonly<Record<string, string>>
  /** A folder of the instance, for what the fallback needs. */
  folder: string
}>

/** Starts a program with pipes on its standard streams. */
export function startOnPipes({ file, args, env }: StreamsRequest): Streams {
  const child = spawn(file, args, { env, cwd: '/', detached: true, stdio: 'pipe' })
  return streamsOf(child)
}

/**
 * Starts a program on a terminal of its own: by node-pty, or by the system's `script` where there
 * is no build of it (then the window size is that of the start).
 */
export async function startOnTerminal(
  request: StreamsRequest,
  { columns, rows }: TerminalSize,
): Promise<Streams> {
  const pty = await import('@lydell/node-pty').catch(() => undefined)
  if (pty === undefined) return startOnScript(request, { columns, rows })
  const { file, args, env } = request
  const terminal = pty.spawn(file, [...args], {
    name: 'xterm',
    cols: columns,
    rows,
    cwd: '/',
    env: { ...env },
    encoding: null,
  })
  const output = outputOf()
  // With `encoding: null` the data are bytes, whatever the type says.
  terminal.onData((chunk) => output.push(Buffer.from(chunk as unknown as Uint8Array)))
  const ended = new Promise<void>((resolve) => terminal.onExit(() => resolve()))
  return {
    pid: terminal.pid,
    write: (bytes) => terminal.write(Buffer.from(bytes) as unknown as string),
    end: () => {},
    onOutput: output.listen,
    ended,
  }
}

/** `script` runs one line of a shell: it starts a file of ours, so nothing has to be quoted twice. */
function startOnScript(
  { file, args, env, folder }: StreamsRequest,
  { columns, rows }: TerminalSize,
): Streams {
  const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
  const line = [file, ...args].map(quote).join(' ')
  writeFileSync(join(folder, 'terminal.sh'), `stty cols ${columns} rows ${rows}\nexec ${line}\n`, {
    mode: 0o600,
  })
  const run = ['sh', 'terminal.sh']
  const scriptArgs =
    process.platform === 'darwin'
      ? ['-q', '/dev/null', ...run]
      : ['-qfec', run.join(' '), '/dev/null']
  const options = { env: { ...env, SHELL: '/bin/sh' }, cwd: folder, detached: true } as const
  return streamsOf(spawn('script', scriptArgs, { ...options, stdio: 'pipe' }))
}

function streamsOf(child: ChildProcess): Streams {
  const output = outputOf()
  child.stdout?.on('data', output.push)
  child.stderr?.on('data', output.push)
  // A program may close its input or end while we write: that is its right.
  child.stdin?.on('error', () => {})
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  child.on('error', () => {})
  return {
    pid: child.pid ?? -1,
    write: (bytes) => void child.stdin?.write(bytes),
    end: () => void child.stdin?.end(),
    onOutput: output.listen,
    ended,
  }
}

/** Keeps what comes before anybody listens. */
function outputOf() {
  const early: Uint8Array[] = []
  let listener: ((bytes: Uint8Array) => void) | undefined
  return {
    push: (bytes: Uint8Array): void => {
      if (listener === undefined) early.push(bytes)
      else listener(bytes)
    },
    listen: (next: (bytes: Uint8Array) => void): void => {
      listener = next
      for (const bytes of early.splice(0)) next(bytes)
    },
  }
}
