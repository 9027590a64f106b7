import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { isRecord } from '../record.ts'
import { PythonFailure } from './failure.ts'
import type { PythonOptions } from './options.ts'
import { usageOf } from './usage.ts'

/** A Python process that is ready. */
export type Running = Readonly<{
  socketPath: string
  /** What it said about itself. */
  hello: unknown
  /** Resolves with the reason when it has ended. */
  ended: Promise<string>
  /** Ends it and everything that it started, at once. */
  kill: (reason: string) => void
  /** Lets it finish what is under way. */
  stop: () => Promise<void>
}>

/**
 * Starts the process and waits until it says that it is ready.
 *
 * @throws PythonFailure `start`, with what it said
 */
export async function launch(options: PythonOptions): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'hokku-py-'))
  const socketPath = join(folder, 's')
  const child = start(options, socketPath)
  const said = readOutput(child, options)
  let reason: string | undefined
  const kill = (why: string): void => {
    reason ??= why
    killGroup(child)
  }
  const ended = endOf(child).then(async (how) => {
    // What it started and left behind ends with it.
    killGroup(child)
    await rm(folder, { recursive: true, force: true })
    return reason ?? how
  })
  const watching = watch(child, options, kill)
  void ended.finally(() => clearInterval(watching))
  try {
    const hello = await readReport(child, ended, options, kill)
    return { socketPath, hello, ended, kill, stop: () => stop(child, ended, kill) }
  } catch (error) {
    kill('it could not start')
    await ended
    if (error instanceof PythonFailure) throw error
    throw new PythonFailure('start', [String(error), ...said()].join('\n'))
  }
}

function start(options: PythonOptions, socketPath: string): ChildProcess {
  const { limits, network } = options
  const isAlone = network === 'own' && process.getuid?.() === 0 && existsSync(UNSHARE)
  const [program = '', ...args] = isAlone
    ? [UNSHARE, '--net', '--', ...options.command]
    : options.command
  return spawn(program, args, {
    cwd: options.cwd,
    // A session of its own: it ends as a whole.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: {
      ...options.env,
      PYTHONUNBUFFERED: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      // Each arena reserves addresses, which count.
      MALLOC_ARENA_MAX: '2',
      PYTHONPATH: [import.meta.dirname, options.env['PYTHONPATH']].filter(Boolean).join(':'),
      HOKKU_PYTHON_SOCKET: socketPath,
      HOKKU_PYTHON_THREADS: String(limits.callsMax),
      HOKKU_PYTHON_LIMITS: JSON.stringify({
        memory: limits.memoryBytesMax,
        processes: limits.processesMax,
      }),
    },
  })
}

const UNSHARE = '/usr/bin/unshare'

/** Lines go to the log; the last ones are kept for the reason of a failed start. */
function readOutput(child: ChildProcess, { log }: PythonOptions): () => string[] {
  const last: string[] = []
  let second = 0
  let count = 0
  const take = (line: string): void => {
    const now = Math.floor(Date.now() / 1000)
    if (now !== second) {
      if (count > LINES_PER_SECOND_MAX) log(`${count - LINES_PER_SECOND_MAX} lines were left out`)
      second = now
      count = 0
    }
    count += 1
    if (count > LINES_PER_SECOND_MAX) return
    const text = line.slice(0, LINE_LENGTH_MAX)
    last.push(text)
    if (last.length > LAST_LINES) last.shift()
    log(text)
  }
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', take)
  }
  return () => last
}

/** A program that prints in a loop must not fill a disk. */
const LINES_PER_SECOND_MAX = 200
const LINE_LENGTH_MAX = 4000
const LAST_LINES = 20

/** Not only the exit: a program that cannot be started has none. */
const endOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve(`it cannot be started: ${error.message}`))
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`),
    )
  })

/** The line of JSON that the program writes when it is ready, or cannot be. */
async function readReport(
  child: ChildProcess,
  ended: Promise<string>,
  { limits }: PythonOptions,
  kill: (reason: string) => void,
): Promise<unknown> {
  const pipe = child.stdio[3]
  if (pipe === null || pipe === undefined) throw new Error(await ended)
  const deadline = setTimeout(
    () => kill(`it was not ready within ${limits.startMsMax / 1000} s`),
    limits.startMsMax,
  )
  try {
    const text = await Promise.race([readAll(pipe as Readable), ended.then(refuse)])
    if (text === '') throw new Error(await ended)
    const report: unknown = JSON.parse(text)
    if (isRecord(report) && typeof report['failed'] === 'string')
      throw new PythonFailure('start', report['failed'])
    return isRecord(report) ? report['hello'] : undefined
  } finally {
    clearTimeout(deadline)
  }
}

const refuse = (reason: string): never => {
  throw new Error(reason)
}

async function readAll(pipe: Readable): Promise<string> {
  let text = ''
  for await (const chunk of pipe) {
    text += String(chunk)
    if (text.length > REPORT_LENGTH_MAX) throw new Error('it says too much about itself')
  }
  return text
}

const REPORT_LENGTH_MAX = 1_000_000

/** Ends a program whose processes take more together than they may. */
function watch(
  { pid }: ChildProcess,
  { limits }: PythonOptions,
  kill: (reason: string) => void,
): NodeJS.Timeout {
  return setInterval(() => {
    const usage = pid === undefined ? undefined : usageOf(pid)
    if (usage === undefined) return
    if (usage.processes > limits.processesMax)
      kill(`it had ${usage.processes} processes, of ${limits.processesMax} that it may have`)
    else if (usage.memoryBytes > limits.memoryBytesMax)
      kill(`it took ${usage.memoryBytes} bytes of memory, of ${limits.memoryBytesMax} that it may`)
  }, WATCH_MS).unref()
}

const WATCH_MS = 1000

async function stop(
  child: ChildProcess,
  ended: Promise<string>,
  kill: (reason: string) => void,
): Promise<void> {
  child.stdin?.on('error', () => {})
  child.stdin?.write('stop\n')
  const deadline = setTimeout(() => kill('it did not stop'), STOP_MS)
  await ended
  clearTimeout(deadline)
}

/** Below the time that a host gives to stop. */
const STOP_MS = 10_000

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // None is left.
  }
}
