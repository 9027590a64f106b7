import { setTimeout as sleep } from 'node:timers/promises'
import { reasonOf } from '@hokku/kit/problem'
import type { Mode } from '../mturk/mode.ts'
import type { Market } from '../mturk/operations.ts'
import type { Log } from '../http/log.ts'
import { noteTaskOutcome, takeDueTasks } from '../store/tasks.ts'
import { runTask } from './run-task.ts'

/** Looks for due tasks until asked to stop; a task that fails is tried again at its next time. */
export async function runScheduler(
  market: (mode: Mode) => Promise<Market>,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const { pool, tables } = await market('sandbox')
  while (!signal.aborted) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one look after the other
      for (const task of await takeDueTasks(pool, tables)) {
        // oxlint-disable-next-line no-await-in-loop
        const outcome = await runTask(await market(task.mode), task).catch((error: unknown) => {
          log.error(`task ${task.name}`, error)
          return `failed: ${reasonOf(error)}`
        })
        // oxlint-disable-next-line no-await-in-loop
        await noteTaskOutcome(pool, task.id, `${new Date().toISOString()} ${outcome}`)
      }
    } catch (error) {
      log.error('scheduler', error)
    }
    // oxlint-disable-next-line no-await-in-loop
    await sleep(LOOK_MS, undefined, { signal, ref: false }).catch(() => {})
  }
}

const LOOK_MS = 5_000
