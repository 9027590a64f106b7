import type { Store, TransferSchedule } from '../../store/index.ts'
import { nextRun } from './schedule.ts'

export type SchedulerEffects = Readonly<{
  store: Pick<Store, 'transferSchedules'>
  clock: () => Date
  run: (schedule: TransferSchedule) => void
  onBug: (error: unknown) => void
}>

/** When a schedule is due next: after its last run, or after it was set. */
export function dueAt(schedule: TransferSchedule): Date {
  const base = [schedule.lastRunAt ?? '', schedule.updatedAt].toSorted().at(-1) ?? ''
  return nextRun(schedule, new Date(base))
}

/**
 * Runs what is due, then sleeps until the next is. A run that was missed while the platform was down
 * is made up for once.
 */
export function createScheduler({ store, clock, run, onBug }: SchedulerEffects) {
  let timer: NodeJS.Timeout | undefined

  const arm = (): void => {
    clearTimeout(timer)
    timer = undefined
    const now = clock().getTime()
    const waits = store.transferSchedules.list().map((schedule) => {
      const due = dueAt(schedule).getTime()
      if (due > now) return due - now
      store.transferSchedules.ran(schedule.id)
      try {
        run(schedule)
      } catch (error) {
        onBug(error)
      }
      return 0
    })
    if (waits.length === 0) return
    timer = setTimeout(arm, Math.min(SLEEP_MS_MAX, Math.max(SLEEP_MS_MIN, Math.min(...waits))))
    timer.unref()
  }

  return { arm, close: () => clearTimeout(timer) }
}

/** Wakes at least this often, since timers do not count the time that a machine sleeps. */
const SLEEP_MS_MAX = 15 * 60_000
const SLEEP_MS_MIN = 1000
