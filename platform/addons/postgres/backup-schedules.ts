import { isTimezone } from '@hokku/kit/local-time'
import { problem, type Addon, type Store, type TransferSchedule } from '../../store/index.ts'
import type { ScheduleRequest, Schedules } from './contract.ts'
import { nextRun } from './schedule.ts'

export type ScheduleEffects = Readonly<{
  store: Pick<Store, 'addons' | 'transferSchedules'>
  clock: () => Date
  /** Starts the backup of a schedule. */
  run: (schedule: TransferSchedule) => void
  onBug: (error: unknown) => void
}>

/**
 * Runs the schedules that are due, then sleeps until the next is. A run that was missed while the
 * platform was down is made up for once.
 */
export class BackupSchedules implements Schedules {
  readonly #effects: ScheduleEffects
  #timer: NodeJS.Timeout | undefined

  constructor(effects: ScheduleEffects) {
    this.#effects = effects
  }

  list({ id, appId }: Addon): TransferSchedule[] {
    const { store } = this.#effects
    const addonIds = appId === null ? [id] : store.addons.ofApp(appId).map((addon) => addon.id)
    return addonIds.flatMap((addonId) => store.transferSchedules.ofAddon(addonId))
  }

  set({ id }: Addon, request: ScheduleRequest): TransferSchedule {
    if (!isTimezone(request.timezone)) {
      throw problem('invalid_params', `There is no time zone "${request.timezone}".`)
    }
    const schedule = this.#effects.store.transferSchedules.set({ addonId: id, ...request })
    this.arm()
    return schedule
  }

  remove(addon: Addon, id: string): void {
    const schedule = this.list(addon).find((entry) => entry.id === id)
    if (schedule === undefined) throw problem('not_found', `There is no such schedule.`)
    this.#effects.store.transferSchedules.remove(schedule.id)
    this.arm()
  }

  /** Runs what is due now, and wakes when the next one is. */
  arm(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const now = this.#effects.clock().getTime()
    const schedules = this.#effects.store.transferSchedules.list()
    const waitsMs = schedules.map((schedule) => this.#runIfDue(schedule, now))
    if (waitsMs.length === 0) return
    const sleepMs = Math.min(SLEEP_MS_MAX, Math.max(SLEEP_MS_MIN, Math.min(...waitsMs)))
    this.#timer = setTimeout(() => this.arm(), sleepMs).unref()
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  /** @returns milliseconds until it is due; 0 when it was run */
  #runIfDue(schedule: TransferSchedule, now: number): number {
    const { store, run, onBug } = this.#effects
    const due = dueAt(schedule).getTime()
    if (due > now) return due - now
    store.transferSchedules.ran(schedule.id)
    try {
      run(schedule)
    } catch (error) {
      onBug(error)
    }
    return 0
  }
}

/** When a schedule is due next: after its last run, or after it was set. */
function dueAt(schedule: TransferSchedule): Date {
  const base = [schedule.lastRunAt ?? '', schedule.updatedAt].toSorted().at(-1) ?? ''
  return nextRun(schedule, new Date(base))
}

/** Wakes at least this often, since timers do not count the time that a machine sleeps. */
const SLEEP_MS_MAX = 15 * 60_000
const SLEEP_MS_MIN = 1000
