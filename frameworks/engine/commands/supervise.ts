import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { childExit } from '@hokku/kit/child-exit'
import type { Context } from './command.ts'
import { residentMb } from './resident-memory.ts'

/** How our own child ended; `reason` is undefined if it says itself what went wrong. */
export type Ending = Readonly<{ exitCode: number; reason: string | undefined }>

/**
 * Runs a `pio` command in a separate process with a memory limit, so that data too large for it
 * ends in a message and not in a dead server. An interruption reaches it also while it computes.
 *
 * @param variables tell the child that it is the child
 */
export async function runInChild(
  argv: readonly string[],
  memoryMb: number | undefined,
  variables: Readonly<Record<string, string>>,
  context: Context,
): Promise<Ending> {
  const limit = memoryMb === undefined ? [] : [`--max-old-space-size=${memoryMb}`]
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', ...limit, PIO, ...argv],
    { cwd: context.cwd, env: { ...context.env, ...variables }, stdio: 'inherit' },
  )
  const ended = childExit(child)
  using memory = watchMemory(child, memoryMb)
  using interruption = passInterruption(child, context.signal)
  const { code, signal } = await ended
  if (memory.isExceeded()) return { exitCode: 1, reason: outOfMemory(memoryMb) }
  if (interruption.wasForced()) return { exitCode: 1, reason: INTERRUPTED }
  return endingOf(code, signal, memoryMb)
}

const PIO = join(import.meta.dirname, '../bin/pio.ts')

/** What an interrupted training is recorded with. */
export const INTERRUPTED = 'It was interrupted.'

/**
 * Node's own limit is for its heap; arrays of numbers, which models are made of, lie beside it. So
 * the whole process is watched, too.
 */
function watchMemory(child: ChildProcess, memoryMb: number | undefined) {
  let isExceeded = false
  const look = async (): Promise<void> => {
    if (memoryMb === undefined || child.pid === undefined) return
    if ((await residentMb(child.pid)) <= memoryMb + BASE_MB) return
    isExceeded = true
    child.kill('SIGKILL')
  }
  const timer = memoryMb === undefined ? undefined : setInterval(() => void look(), WATCH_MS)
  return { isExceeded: () => isExceeded, [Symbol.dispose]: () => clearInterval(timer) }
}

/** What Node, our code, its nursery and threads take beside the data. */
const BASE_MB = 192
const WATCH_MS = 200

/** A training that computes without pause hears no signal: after a while it is killed. */
function passInterruption(child: ChildProcess, signal: AbortSignal) {
  let wasForced = false
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => {
    child.kill('SIGTERM')
    timer = setTimeout(() => {
      wasForced = true
      child.kill('SIGKILL')
    }, GRACE_MS)
  }
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  return {
    wasForced: () => wasForced,
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
    },
  }
}

/** Below the time that platforms give a process between SIGTERM and SIGKILL. */
const GRACE_MS = 5000

function endingOf(
  code: number | null,
  signal: NodeJS.Signals | null,
  memoryMb: number | undefined,
): Ending {
  if (signal === 'SIGABRT' || code === 134) {
    return { exitCode: 1, reason: outOfMemory(memoryMb) }
  }
  if (signal === 'SIGKILL') {
    return { exitCode: 1, reason: 'The process was killed, probably because memory ran out.' }
  }
  if (signal !== null) return { exitCode: 1, reason: `The process was ended by ${signal}.` }
  return { exitCode: code ?? 1, reason: undefined }
}

function outOfMemory(memoryMb: number | undefined): string {
  const limit = memoryMb === undefined ? '' : ` (limit ${memoryMb} MB)`
  return `The process ran out of memory${limit}. Give it more with -- --driver-memory <size>.`
}
