import type { FastifyInstance, FastifyRequest } from '@hokku/kit/http'
import { Problem } from '@hokku/kit/problem'
import { accountOf, appOf, createApp, type Plane } from '../api/index.ts'
import { problem, renderConfig, type App } from '../store/index.ts'
import { appSummary, appView } from './app-view.ts'
import { appListPage, type NewAppForm } from './pages/app-list.ts'
import { appOverviewPage, liveParts } from './pages/app-overview.ts'
import { fieldOf } from './prepare-pages.ts'

/** The list of apps, and each app's own page. */
export function appPages(pages: FastifyInstance, plane: Plane): void {
  const { store } = plane
  const config = { public: true }
  const list = (request: FastifyRequest, form: NewAppForm | null): string => {
    const apps = store.apps.ofAccount(accountOf(request).id)
    return appListPage(
      request.frame,
      apps.map((app) => appSummary(app, plane)),
      form,
    )
  }

  pages.get('/dashboard', { config }, (request, reply) =>
    reply.type('text/html').send(list(request, null)),
  )
  pages.post('/dashboard/apps', { config }, async (request, reply) => {
    const name = fieldOf(request, 'name').trim()
    try {
      const app = createApp(plane, accountOf(request).id, name === '' ? undefined : name)
      await plane.route()
      return await reply.redirect(`/dashboard/apps/${app.name}`, 303)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      const page = list(request, { name, failure: error.message })
      return reply.code(error.status).type('text/html').send(page)
    }
  })

  pages.get('/dashboard/apps/:app', { config }, (request, reply) => {
    const view = appView(appOf(request, store), plane, request)
    return reply.type('text/html').send(appOverviewPage(request.frame, view, null))
  })
  pages.get('/dashboard/apps/:app/live', { config }, (request, reply) => {
    const view = appView(appOf(request, store), plane, request)
    return reply.type('text/html').send(liveParts(view, request.frame.now))
  })
  // A redirect, so that a page that is open for days gets a new session whenever it needs one.
  pages.get('/dashboard/apps/:app/log', { config }, (request, reply) => {
    const { id: appId } = appOf(request, store)
    const { secret } = plane.logs.openSession({ appId, lines: LINES_SHOWN, tail: true })
    return reply.redirect(`/log-streams/${secret}`, 307)
  })
  pages.post('/dashboard/apps/:app/config-var', { config }, (request, reply) => {
    const app = appOf(request, store)
    const name = fieldOf(request, 'name')
    const value = configValue(app, name, plane)
    if (request.headers.accept === 'text/plain') {
      return reply.type('text/plain; charset=utf-8').send(value)
    }
    const view = appView(app, plane, request)
    return reply.type('text/html').send(appOverviewPage(request.frame, view, { name, value }))
  })
}

const LINES_SHOWN = 300

function configValue(app: App, name: string, { store, addons }: Plane): string {
  const vars = renderConfig(store.configVars.list(app.id), addons.endpoints())
  const value = Object.hasOwn(vars, name) ? vars[name] : undefined
  if (value === undefined) throw problem('not_found', `${app.name} has no config var "${name}".`)
  return value
}
