import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import { isTimezone } from '@hokku/kit/local-time'
import * as z from 'zod'
import { problem, type App, type ScheduledJob, type ScheduledRun } from '../../store/index.ts'
import { appOf } from '../access.ts'
import type { Routes } from '../api.ts'
import { bodyOf, takes } from '../body.ts'
import { sizeOf } from '../formation.ts'
import type { Plane } from '../plane.ts'
import { sendList } from '../range.ts'
import { parseSchedule } from './cron.ts'
import { runJob } from './scheduler.ts'

/** Jobs of the add-on `scheduler`; ours, as Heroku has a page only. */
export const schedulerRoutes: Routes = (api, plane) => {
  const jobs = plane.store.scheduledJobs

  api.get('/apps/:app/scheduler/jobs', (request, reply) => {
    const app = appOf(request, plane.store)
    return sendList(
      request,
      reply,
      jobs.ofApp(app.id).map((job) => jobShape(job, plane)),
    )
  })
  api.post('/apps/:app/scheduler/jobs', takes(NewJob), (request, reply) =>
    create(request, reply, plane),
  )
  api.delete('/apps/:app/scheduler/jobs/:job', (request) => {
    const job = jobOf(request, plane)
    jobs.remove(job.id)
    return jobShape(job, plane)
  })
  api.get('/apps/:app/scheduler/jobs/:job/runs', (request) =>
    jobs.runs(jobOf(request, plane).id).map(runShape),
  )
  api.post('/apps/:app/scheduler/jobs/:job/actions/run', (request, reply) => {
    const job = jobOf(request, plane)
    void runJob(job, plane).catch((error: unknown) => console.error('bug:', error))
    return reply.code(202).send(jobShape(job, plane))
  })
}

function create(request: FastifyRequest, reply: FastifyReply, plane: Plane) {
  const app = appOf(request, plane.store)
  const job = createJob(app, bodyOf(request, NewJob), plane)
  return reply.code(201).send(jobShape(job, plane))
}

/**
 * Adds a job to an app that has the add-on.
 *
 * @throws Problem `invalid_params`
 */
export function createJob(app: App, body: z.infer<typeof NewJob>, plane: Plane): ScheduledJob {
  const { store } = plane
  if (!store.addons.ofApp(app.id).some(({ service }) => service === 'scheduler')) {
    throw problem('invalid_params', `${app.name} has no scheduler.`, {
      hint: `Create it: heroku addons:create scheduler:standard -a ${app.name}`,
    })
  }
  const parsed = parseSchedule(body.schedule)
  if (typeof parsed === 'string') throw problem('invalid_params', parsed)
  const timezone = body.timezone ?? 'UTC'
  if (!isTimezone(timezone)) {
    throw problem('invalid_params', `There is no time zone "${timezone}".`, {
      hint: 'Use a name such as UTC or Europe/Berlin.',
    })
  }
  const size = body.size == null ? null : sizeOf(body.size)
  return store.transaction(() => {
    if (store.scheduledJobs.ofApp(app.id).length >= JOBS_MAX) {
      throw problem('invalid_params', `${app.name} has ${JOBS_MAX} jobs already.`)
    }
    const { command } = body
    return store.scheduledJobs.create({
      appId: app.id,
      command,
      schedule: parsed.fields,
      timezone,
      size,
    })
  })
}

/** All of them may be due in the same minute. */
const JOBS_MAX = 50

/** @throws Problem `not_found` */
function jobOf(request: FastifyRequest, plane: Plane): ScheduledJob {
  const app = appOf(request, plane.store)
  const id = pathParam(request, 'job')
  const job = plane.store.scheduledJobs.find(id)
  if (job?.appId === app.id) return job
  throw problem('not_found', `Couldn't find that job.`, { details: { resource: 'scheduler_job' } })
}

function jobShape(job: ScheduledJob, { store }: Plane) {
  const [last] = store.scheduledJobs.runs(job.id)
  return {
    id: job.id,
    command: job.command,
    schedule: job.schedule,
    timezone: job.timezone,
    size: job.size,
    last_run: last === undefined ? null : runShape(last),
    created_at: job.createdAt,
    updated_at: job.updatedAt,
  }
}

const runShape = (run: ScheduledRun) => ({
  id: run.id,
  dyno: run.dyno,
  status: run.finishedAt === null ? 'running' : run.exitCode === 0 ? 'succeeded' : 'failed',
  exit_code: run.exitCode,
  failure: run.failure,
  created_at: run.createdAt,
  finished_at: run.finishedAt,
})

const NewJob = z.strictObject({
  command: z.string().min(1).max(32_768),
  schedule: z.string().max(200),
  timezone: z.string().max(100).nullish(),
  size: z.string().max(50).nullish(),
})
