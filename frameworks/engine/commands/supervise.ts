import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Context } from './command.ts'

/** How a child of ours ended; `reason` is undefined if it says itself what went wrong. */
export type Ending = Readonly<{ exitCode: number; reason: string | undefined }>

/**
 * Runs a `pio` command in a process of its own with a memory limit, so that data too large for it
 * ends in a message and not in a dead server. Signals are passed on.
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
  const stop = (): boolean => child.kill('SIGTERM')
  context.signal.addEventListener('abort', stop)
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  context.signal.removeEventListener('abort', stop)
  return endingOf(code, signal, memoryMb)
}

const PIO = join(import.meta.dirname, '../bin/pio.ts')

function endingOf(
  code: number | null,
  signal: NodeJS.Signals | null,
  memoryMb: number | undefined,
): Ending {
  if (signal === 'SIGABRT' || code === 134) {
    const limit = memoryMb === undefined ? '' : ` (limit ${memoryMb} MB)`
    return {
      exitCode: 1,
      reason: `The process ran out of memory${limit}. Give it more with -- --driver-memory <size>.`,
    }
  }
  if (signal === 'SIGKILL') {
    return { exitCode: 1, reason: 'The process was killed, probably because memory ran out.' }
  }
  if (signal !== null) return { exitCode: 1, reason: `The process was ended by ${signal}.` }
  return { exitCode: code ?? 1, reason: undefined }
}
