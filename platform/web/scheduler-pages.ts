import type { FastifyInstance, FastifyRequest } from '@hokku/kit/http'
import { Problem } from '@hokku/kit/problem'
import { pathParam } from '@hokku/kit/request-params'
import { appOf, createJob, type Plane } from '../api/index.ts'
import type { App } from '../store/index.ts'
import { schedulerPage, type JobForm } from './pages/scheduler.ts'
import { fieldOf } from './prepare-pages.ts'

/** The page of the add-on `scheduler`. */
export function schedulerPages(pages: FastifyInstance, { store, ...plane }: Plane): void {
  const path = '/dashboard/apps/:app/scheduler'
  const config = { public: true }
  const jobs = store.scheduledJobs
  const shown = (request: FastifyRequest, app: App, form: JobForm | null): string =>
    schedulerPage(
      request.frame,
      app,
      jobs.ofApp(app.id).map((job) => ({ job, runs: jobs.runs(job.id) })),
      form,
    )

  pages.get(path, { config }, (request, reply) =>
    reply.type('text/html').send(shown(request, appOf(request, store), null)),
  )
  pages.post(path, { config }, (request, reply) => {
    const app = appOf(request, store)
    const form = {
      command: fieldOf(request, 'command').trim(),
      schedule: fieldOf(request, 'schedule').trim(),
      timezone: fieldOf(request, 'timezone').trim() || 'UTC',
    }
    try {
      createJob(app, form, { store, ...plane })
      return reply.redirect(`/dashboard/apps/${app.name}/scheduler`, 303)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      const failure = [error.message, error.hint].filter(Boolean).join(' ')
      return reply
        .code(error.status)
        .type('text/html')
        .send(shown(request, app, { ...form, failure }))
    }
  })
  pages.post(`${path}/:job/remove`, { config }, (request, reply) => {
    const app = appOf(request, store)
    const id = pathParam(request, 'job')
    if (jobs.find(id)?.appId === app.id) jobs.remove(id)
    return reply.redirect(`/dashboard/apps/${app.name}/scheduler`, 303)
  })
}
