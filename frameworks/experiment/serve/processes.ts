import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Settings } from '../configuration/settings.ts'
import { problem } from '../problems.ts'

/**
 * How many processes serve a study.
 *
 * @throws Problem `config_invalid` when scheduled tasks would run in several
 */
export function processCount(server: Settings['server']): number {
  if (server.threads === 'auto') {
    const spare = Math.max(1, availableParallelism() - 1)
    return server.do_scheduler ? 1 : Math.min(spare, AUTO_MAX)
  }
  if (server.do_scheduler && server.threads > 1) {
    throw problem('config_invalid', `do_scheduler needs threads = 1, not ${server.threads}.`, {
      hint: 'Tasks would run once in every process.',
    })
  }
  return server.threads
}

/**
 * One process answers some thousand requests a second; more than a few only take memory. One core is
 * left to PostgreSQL: what arrives meanwhile is written together, so that two processes on two
 * cores write twice as often and finish fewer participants than one (`bench/experiment`).
 */
const AUTO_MAX = 4

/**
 * Forks processes that each run this program again and replaces ended ones, until asked to stop.
 *
 * @returns false if one ended before it ever listened: then the study cannot run at all
 */
export async function superviseProcesses(
  count: number,
  signal: AbortSignal,
  onListening: () => void,
): Promise<boolean> {
  // A lone process takes its connections itself: handing over hundreds that come at once takes seconds.
  if (count === 1) cluster.schedulingPolicy = cluster.SCHED_NONE
  let hasListened = false
  const stopping = new AbortController()
  signal.addEventListener('abort', () => stopping.abort(), { once: true })
  cluster.once('listening', () => {
    hasListened = true
    onListening()
  })
  await Promise.all(Array.from({ length: count }, () => keepOne(stopping, () => hasListened)))
  return hasListened
}

/** Runs one process again and again. */
async function keepOne(stopping: AbortController, hasListened: () => boolean): Promise<void> {
  const { signal } = stopping
  for (let pause = RESTART_MS; !signal.aborted; pause = Math.min(pause * 2, RESTART_MAX_MS)) {
    const startedAt = performance.now()
    const worker = cluster.fork()
    // oxlint-disable-next-line no-await-in-loop -- one after the other is what is meant
    await endOf(worker, signal)
    if (!hasListened()) stopping.abort()
    if (performance.now() - startedAt > RESTART_MAX_MS) pause = RESTART_MS
    // oxlint-disable-next-line no-await-in-loop
    if (!signal.aborted) await sleep(pause, undefined, { signal }).catch(() => {})
  }
}

const RESTART_MS = 500
const RESTART_MAX_MS = 30_000

async function endOf(worker: Worker, signal: AbortSignal): Promise<void> {
  const stop = (): void => worker.process.kill('SIGTERM') as unknown as void
  signal.addEventListener('abort', stop, { once: true })
  await once(worker, 'exit')
  signal.removeEventListener('abort', stop)
}
