import type { ExitStatus } from '../../dynos/index.ts'
import type { ScheduledJob } from '../../store/index.ts'
import type { Plane } from '../plane.ts'
import { localMinutes, matches, nameOf, parseSchedule } from './cron.ts'

/**
 * Runs jobs as one-off dynos when their minute comes. Runs that fall into a time when the control
 * control plane is down are left out, as on Heroku: what must not be missed belongs into a worker.
 *
 * @returns ends it; dynos that run continue
 */
export function openScheduler(plane: Plane, onBug: (error: unknown) => void): () => void {
  let timer: NodeJS.Timeout | undefined
  let last = minuteOf(Date.now())
  const tick = (): void => {
    const now = minuteOf(Date.now())
    // A late timer makes up for the minutes that it slept through, up to a limit.
    for (let at = Math.max(last + 1, now - LATE_MINUTES_MAX); at <= now; at++) {
      runDue(new Date(at * MINUTE_MS), plane, onBug)
    }
    last = now
    timer = setTimeout(tick, MINUTE_MS - (Date.now() % MINUTE_MS) + 50).unref()
  }
  followUnfinished(plane, onBug)
  timer = setTimeout(tick, MINUTE_MS - (Date.now() % MINUTE_MS) + 50).unref()
  return () => clearTimeout(timer)
}

const MINUTE_MS = 60_000
const LATE_MINUTES_MAX = 10
const minuteOf = (time: number): number => Math.floor(time / MINUTE_MS)

/** Starts what is due at the beginning of this minute. */
export function runDue(at: Date, plane: Plane, onBug: (error: unknown) => void): void {
  for (const job of plane.store.scheduledJobs.list()) {
    const parsed = parseSchedule(job.schedule)
    if (typeof parsed === 'string') continue
    const due = localMinutes(at, job.timezone)
      .filter((minute) => matches(parsed.cron, minute))
      .map(nameOf)
      .findLast((name) => name > (job.lastRun ?? ''))
    if (due === undefined) continue
    plane.store.scheduledJobs.ran(job.id, due)
    void runJob(job, plane).catch(onBug)
  }
}

/** Of each job. */
const RUNS_KEPT = 50

export async function runJob(job: ScheduledJob, plane: Plane): Promise<void> {
  const { store, dynos, logs } = plane
  const run = store.scheduledJobs.addRun(job.id, RUNS_KEPT)
  const app = store.apps.get(job.appId)
  const release = store.releases.current(app.id)
  const fail = (failure: string): void => {
    store.scheduledJobs.updateRun(run.id, { failure, finishedAt: store.now() })
    logs.write(app.id, 'heroku', 'scheduler', `${job.command} was not run: ${failure}`)
  }
  if (release === undefined || release.slugId === null) return fail('no code is deployed yet')
  try {
    const { dyno, exit } = await dynos.run({
      app,
      release,
      kind: 'scheduler',
      command: job.command,
      size: job.size,
      env: {},
      attach: null,
    })
    store.scheduledJobs.updateRun(run.id, { dyno: dyno.name })
    finish(run.id, await exit, plane)
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error))
  }
}

function finish(runId: string, { code, signal }: ExitStatus, { store }: Plane): void {
  store.scheduledJobs.updateRun(runId, {
    exitCode: code,
    finishedAt: store.now(),
    ...(signal !== null && { failure: `ended by ${signal}` }),
  })
}

/** Runs that an earlier control plane began. */
function followUnfinished(plane: Plane, onBug: (error: unknown) => void): void {
  const { store, dynos } = plane
  for (const { id, jobId, dyno } of store.scheduledJobs.unfinished()) {
    const appId = store.scheduledJobs.find(jobId)?.appId ?? ''
    const exit = dyno === null ? undefined : dynos.exitOf(dyno, appId)
    if (exit !== undefined) void exit.then((status) => finish(id, status, plane)).catch(onBug)
    else {
      store.scheduledJobs.updateRun(id, {
        failure: 'the platform was stopped meanwhile',
        finishedAt: store.now(),
      })
    }
  }
}
