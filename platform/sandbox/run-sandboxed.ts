import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { childExit } from '@hokku/kit/child-exit'
import type { Sandbox, SandboxRequest } from './sandbox.ts'

/**
 * Runs a program of a build to its end. What it leaves running in the background is ended with it.
 *
 * @param onStart called with the process group, so that our own successor can end it
 * @returns exit code; null when a signal, or `signal`, ended it
 */
export async function runSandboxed(
  program: SandboxRequest,
  effects: Readonly<{
    sandbox: Sandbox
    signal: AbortSignal
    onOutput: (bytes: Uint8Array) => void
    onStart?: (pid: number) => void
  }>,
): Promise<number | null> {
  effects.signal.throwIfAborted()
  const { file, args, env, options } = effects.sandbox.command(program)
  const child = spawn(file, args, { ...options, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const end = (): void => endGroup(child.pid)
  effects.signal.addEventListener('abort', end)
  child.stdout.on('data', effects.onOutput)
  child.stderr.on('data', effects.onOutput)
  try {
    if (child.pid !== undefined) effects.onStart?.(child.pid)
    const { code } = await childExit(child)
    end()
    if (!child.stdout.closed || !child.stderr.closed) {
      await Promise.race([once(child, 'close'), once(AbortSignal.timeout(LAST_WORDS_MS), 'abort')])
    }
    return code
  } finally {
    effects.signal.removeEventListener('abort', end)
    child.stdout.destroy()
    child.stderr.destroy()
  }
}

/** How long output of a program that has ended may still take to arrive. */
const LAST_WORDS_MS = 2000

/** Ends a process group, at once and with everything in it; one that is gone is no matter. */
export function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}
