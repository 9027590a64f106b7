import { integer, nullable, text } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import { Table } from './table.ts'

const JOBS = defineTable({
  name: 'scheduled_jobs',
  one: 'scheduled job',
  columns: {
    id: text,
    appId: text,
    command: text,
    /** Five fields of cron, in the time zone. */
    schedule: text,
    timezone: text,
    size: nullable(text),
    lastRun: nullable(text),
    createdAt: text,
    updatedAt: text,
  },
})

const RUNS = defineTable({
  name: 'scheduled_runs',
  one: 'run of a job',
  columns: {
    id: text,
    jobId: text,
    /** The one-off dyno, e.g. `scheduler.4711`. */
    dyno: nullable(text),
    exitCode: nullable(integer),
    failure: nullable(text),
    finishedAt: nullable(text),
    createdAt: text,
    updatedAt: text,
  },
})

export type ScheduledJob = RowOf<typeof JOBS>
export type ScheduledRun = RowOf<typeof RUNS>
export type NewScheduledJob = Pick<
  ScheduledJob,
  'appId' | 'command' | 'schedule' | 'timezone' | 'size'
>

export function scheduledJobsTable(db: Database, now: () => string) {
  const jobs = new Table(db, JOBS, now)
  const runs = new Table(db, RUNS, now)
  return {
    create: (job: NewScheduledJob): ScheduledJob => jobs.insert(job),
    find: (id: string): ScheduledJob | undefined => jobs.find('where id = ?', id),
    list: (): ScheduledJob[] => jobs.all('order by created_at'),
    ofApp: (appId: string): ScheduledJob[] =>
      jobs.all('where app_id = ? order by created_at', appId),
    ran: (id: string, lastRun: string): ScheduledJob | undefined =>
      jobs.updateIfThere(id, { lastRun }),
    remove: (id: string): void => jobs.remove(id),
    removeAll: (appId: string): number =>
      db.run('delete from scheduled_jobs where app_id = ?', appId),

    /** Begins a run, and forgets the oldest ones. */
    addRun(jobId: string, kept: number): ScheduledRun {
      const run = runs.insert({ jobId })
      db.run(
        `delete from scheduled_runs where job_id = ?1 and id not in
          (select id from scheduled_runs where job_id = ?1 order by created_at desc limit ?2)`,
        jobId,
        kept,
      )
      return run
    },
    updateRun: (
      id: string,
      change: Partial<Pick<ScheduledRun, 'dyno' | 'exitCode' | 'failure' | 'finishedAt'>>,
    ): ScheduledRun | undefined => runs.updateIfThere(id, change),
    /** Newest first. */
    runs: (jobId: string): ScheduledRun[] =>
      runs.all('where job_id = ? order by created_at desc', jobId),
    unfinished: (): ScheduledRun[] => runs.all('where finished_at is null'),
  }
}
