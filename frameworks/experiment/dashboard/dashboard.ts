import { html } from '@hokku/kit/html'
import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { Problem } from '@hokku/kit/problem'
import { takeFlashes } from '../custom/flash.ts'
import { firstOf } from '../participants/identity.ts'
import { problem } from '../problems.ts'
import { sendJson } from '../http/answers.ts'
import type { Route } from '../http/routes.ts'
import type { StudyServer } from '../http/study-server.ts'
import { accountRoutes } from './api/account.ts'
import { assignmentRoutes } from './api/assignments.ts'
import { campaignRoutes } from './api/campaigns.ts'
import { createApi } from './api/guard.ts'
import { hitRoutes } from './api/hits.ts'
import { jobRoutes } from './api/jobs.ts'
import { participantRoutes } from './api/participants.ts'
import { taskRoutes } from './api/tasks.ts'
import { sendAsset } from './assets.ts'
import { sendDownload } from './downloads.ts'
import { layout, sendPage } from './layout.ts'
import { readVisitor, requireOwnSite, toLogin } from './login.ts'
import { loginRoutes } from './login-routes.ts'
import { campaignsView } from './pages/campaigns.ts'
import { dataView } from './pages/data.ts'
import { hitsView } from './pages/hits.ts'
import { linksView, makeLinks } from './pages/links.ts'
import { overviewData, overviewView } from './pages/overview.ts'
import { participantsView } from './pages/participants.ts'
import { participantView } from './pages/participant.ts'
import { tasksView } from './pages/tasks.ts'
import type { PageContent, View } from './view.ts'

/** Pages and API behind the login, or the reason why there are none. */
export function dashboard(server: StudyServer): Readonly<{ routes: Route[]; notice?: string }> {
  const { enable_dashboard, login_username, login_pw, secret_key } = server.study.settings.server
  if (!enable_dashboard) return { routes: [] }
  const missing = Object.entries({ login_username, login_pw, secret_key })
    .filter(([, value]) => value === '')
    .map(([name]) => name)
  if (missing.length > 0) {
    const notice = `The dashboard is off: ${missing.join(', ')} in [Server Parameters] must be set.`
    return { routes: [], notice }
  }
  const api = createApi(server, secret_key)
  return {
    routes: [
      ...loginRoutes(server, secret_key),
      ...pageRoutes(server, secret_key),
      ...[
        accountRoutes,
        assignmentRoutes,
        hitRoutes,
        campaignRoutes,
        taskRoutes,
        jobRoutes,
        participantRoutes,
      ].flatMap((routes) => routes(api)),
    ],
  }
}

/** Path under `/dashboard` → the page there. */
const PAGES: Readonly<
  Record<string, (server: StudyServer, view: View) => Promise<PageContent> | PageContent>
> = {
  '/': overviewView,
  '/index': overviewView,
  '/participants': participantsView,
  '/assignments': participantsView,
  '/participants/:id': participantView,
  '/hits': hitsView,
  '/campaigns': campaignsView,
  '/tasks': tasksView,
  '/links': linksView,
  '/data': dataView,
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown

function pageRoutes(server: StudyServer, key: string): Route[] {
  const at = (method: 'GET' | 'POST', path: string, handler: Handler): Route => ({
    method,
    path: `/dashboard${path}`,
    handler,
  })
  const behindLogin =
    (handler: Handler): Handler =>
    (request, reply) =>
      readVisitor(request, key) === undefined ? toLogin(request, reply) : handler(request, reply)
  return [
    at('GET', '', (_, reply) => reply.redirect('/dashboard/', 302)),
    at('GET', '/assets/:name', sendAsset),
    ...Object.entries(PAGES).map(([path, view]) =>
      at('GET', path, async (request, reply) => {
        const visitor = readVisitor(request, key)
        if (visitor === undefined) return toLogin(request, reply)
        const query = firstOf(request.query)
        const content = await pageOrProblem(reply, async () =>
          view(server, { request, visitor, query }),
        )
        const flashes = takeFlashes(request, reply)
        return sendPage(reply, layout(server, visitor, content, flashes || []))
      }),
    ),
    at(
      'GET',
      '/overview.json',
      behindLogin(async (request, reply) =>
        sendJson(reply, await overviewData(server, firstOf(request.query))),
      ),
    ),
    at(
      'GET',
      '/data/:name',
      behindLogin((request, reply) => {
        const name = firstOf(request.params)['name'] ?? ''
        const sent = sendDownload(server, reply, name)
        if (sent === undefined) throw problem('page_not_found', `There is no file ${name}.`)
        return sent
      }),
    ),
    at(
      'POST',
      '/links',
      behindLogin((request, reply) => {
        requireOwnSite(request)
        return makeLinks(server, request, reply)
      }),
    ),
  ]
}

/** What goes wrong on a page is shown by a page. */
async function pageOrProblem(
  reply: FastifyReply,
  view: () => Promise<PageContent>,
): Promise<PageContent> {
  try {
    return await view()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    void reply.code(error.status)
    const body = html`<p class="flash">${error.message}</p><p class="quiet">${error.hint ?? ''}</p>`
    return { title: 'Not possible', body }
  }
}
