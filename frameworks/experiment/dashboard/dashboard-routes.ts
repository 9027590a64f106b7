import { send } from '@fastify/send'
import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { html, type Html } from '@hokku/kit/html'
import { Problem } from '@hokku/kit/problem'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'
import { isMode } from '../mturk/mode.ts'
import type { Mode } from '../mturk/mode.ts'
import { isSame } from '../custom/custom-routes.ts'
import { listHits } from '../mturk/operations.ts'
import { firstOf } from '../participants/identity.ts'
import { FINISHED, STATUS } from '../participants/status.ts'
import { problem } from '../problems.ts'
import { completionCode } from '../recruiting/end-page.ts'
import { sendJson } from '../serve/answers.ts'
import type { Route } from '../serve/routes.ts'
import type { StudyServer } from '../serve/study-server.ts'
import { listCampaigns } from '../store/campaigns.ts'
import { listJobs } from '../store/jobs.ts'
import { createLinks, listLinks } from '../store/links.ts'
import { findParticipant, newestParticipants, readDocument } from '../store/participants.ts'
import { listSaves, readSave } from '../store/saves.ts'
import { listTasks } from '../store/tasks.ts'
import { apiRoutes } from './api-routes.ts'
import { sendDownload } from './downloads.ts'
import { layout } from './layout.ts'
import {
  createGuard,
  giveCookie,
  readVisitor,
  requireOwnSite,
  safeNext,
  takeCookie,
  type Visitor,
} from './login.ts'
import { marketOf } from './market-of.ts'
import {
  campaignsPage,
  dataPage,
  FUNNEL_STEPS,
  hitsPage,
  linksPage,
  OUTCOME,
  overviewPage,
  PAGE_ROWS,
  participantPage,
  participantsPage,
  tasksPage,
} from './pages.ts'
import { countGroups, sampleDocuments, type Group } from './summary.ts'

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
  return { routes: [...pageRoutes(server, secret_key), ...apiRoutes(server, secret_key)] }
}

type View = Readonly<{
  request: FastifyRequest
  visitor: Visitor
  query: Readonly<Record<string, string>>
}>
type PageContent = Readonly<{ title: string; place?: string; body: Html }>

function pageRoutes(server: StudyServer, key: string): Route[] {
  const get = (path: string, handler: Route['handler']): Route => ({
    method: 'GET',
    path: `/dashboard${path}`,
    handler,
  })
  const show = (path: string, view: (view: View) => Promise<PageContent>): Route =>
    get(path, async (request, reply) => {
      const visitor = readVisitor(request, key)
      if (visitor === undefined) return toLogin(request, reply)
      const query = firstOf(request.query)
      return sendPage(reply, layout(server, visitor, await view({ request, visitor, query })))
    })
  const overview = (view: View): Promise<PageContent> => overviewView(server, view)
  return [
    ...loginRoutes(server, key),
    get('/assets/:name', sendAsset),
    get('', (_, reply) => reply.redirect('/dashboard/', 302)),
    show('/', overview),
    show('/index', overview),
    show('/participants', (view) => participantsView(server, view)),
    show('/assignments', (view) => participantsView(server, view)),
    show('/participants/:id', (view) => participantView(server, view)),
    show('/hits', (view) => hitsView(server, view)),
    show('/campaigns', async () => ({
      title: 'Campaigns',
      place: 'campaigns',
      body: campaignsPage(
        await listCampaigns(server.pool, server.tables),
        server.study.settings.server.do_scheduler,
      ),
    })),
    show('/tasks', async () => ({
      title: 'Tasks',
      place: 'tasks',
      body: tasksPage(
        await listTasks(server.pool, server.tables),
        server.study.settings.server.do_scheduler,
      ),
    })),
    show('/links', async ({ request }) => ({
      title: 'Links',
      place: 'links',
      body: linksPage(baseOf(server, request), await listLinks(server.pool, server.tables)),
    })),
    show('/data', async () => ({ title: 'Data', place: 'data', body: dataPage() })),
    get('/overview.json', async (request, reply) => {
      if (readVisitor(request, key) === undefined) return toLogin(request, reply)
      return sendJson(reply, await overviewData(server, firstOf(request.query)))
    }),
    get('/data/:name', (request, reply) => {
      if (readVisitor(request, key) === undefined) return toLogin(request, reply)
      const name = firstOf(request.params)['name'] ?? ''
      const sent = sendDownload(server, reply, name)
      if (sent === undefined) throw problem('page_not_found', `There is no file ${name}.`)
      return sent
    }),
    {
      method: 'POST',
      path: '/dashboard/links',
      handler: async (request, reply) => {
        if (readVisitor(request, key) === undefined) return toLogin(request, reply)
        requireOwnSite(request)
        const { count, label } = NewLinks.parse(request.body)
        await createLinks(
          server.pool,
          server.tables,
          Array.from({ length: count }, () => label),
        )
        return reply.redirect('/dashboard/links', 303)
      },
    },
  ]
}

const NewLinks = z.object({
  count: z.coerce.number().int().min(1).max(500),
  label: z.string().max(60).default(''),
})

const sendPage = (reply: FastifyReply, text: string): FastifyReply =>
  reply
    .type('text/html; charset=utf-8')
    .header('Cache-Control', 'no-store')
    .header('X-Frame-Options', 'DENY')
    .header(
      'Content-Security-Policy',
      "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
    )
    .send(text)

const toLogin = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  reply.redirect(`/dashboard/login?next=${encodeURIComponent(request.url)}`, 302)

function loginRoutes(server: StudyServer, key: string): Route[] {
  const attempts = createGuard()
  const { login_username, login_pw } = server.study.settings.server
  const isSecure = (request: FastifyRequest): boolean =>
    request.headers['x-forwarded-proto'] === 'https'
  const form = (next: string, message: string): string =>
    layout(server, undefined, {
      title: 'Log in',
      body: html`${message === '' ? null : html`<p class="flash" role="alert">${message}</p>`}
        <form class="panel" method="post" action="/dashboard/login">
          <input type="hidden" name="next" value="${next}" />
          <label>Name <input name="username" autocomplete="username" required /></label>
          <label>Password <input name="password" type="password" autocomplete="current-password" required /></label>
          <button class="primary">Log in</button>
        </form>`,
    })
  return [
    {
      method: 'GET',
      path: '/dashboard/login',
      handler: (request, reply) =>
        sendPage(reply, form(safeNext(firstOf(request.query)['next']), '')),
    },
    {
      method: 'POST',
      path: '/dashboard/login',
      handler: (request, reply) => {
        requireOwnSite(request)
        const { username = '', password = '', next } = firstOf(request.body)
        if (attempts.isBlocked(request.ip)) {
          return sendPage(
            reply.code(429),
            form(safeNext(next), 'Too many attempts. Wait a quarter of an hour.'),
          )
        }
        const [isUser, isPassword] = [isSame(username, login_username), isSame(password, login_pw)]
        if (!isUser || !isPassword) {
          attempts.noteFailure(request.ip)
          return sendPage(reply, form(safeNext(next), 'Incorrect username or password'))
        }
        const { launch_in_mode } = server.study.settings.shell
        const mode: Mode = isMode(launch_in_mode) ? launch_in_mode : 'sandbox'
        giveCookie(reply, { user: username, mode }, { key, isSecure: isSecure(request) })
        return reply.redirect(safeNext(next), 303)
      },
    },
    {
      method: 'GET',
      path: '/dashboard/logout',
      handler: (_, reply) => {
        takeCookie(reply)
        return reply.redirect('/dashboard/login', 303)
      },
    },
    {
      method: 'POST',
      path: '/dashboard/mode',
      handler: (request, reply) => {
        const visitor = readVisitor(request, key)
        if (visitor === undefined) return toLogin(request, reply)
        requireOwnSite(request)
        const mode = ModeChange.safeParse(JSON.parse(String(request.body))).data?.mode
        if (mode === undefined) throw problem('argument_invalid', 'The mode is sandbox or live.')
        giveCookie(reply, { user: visitor.user, mode }, { key, isSecure: isSecure(request) })
        return sendJson(reply, { mode })
      },
    },
  ]
}

const ModeChange = z.object({ mode: z.enum(['sandbox', 'live']) })

const require = createRequire(import.meta.url)

/** Our own files, and the two libraries of the plots. */
function assetPath(name: string): string | undefined {
  if (name === 'dashboard.css' || name === 'dashboard.js')
    return join(import.meta.dirname, 'assets', name)
  if (name === 'plot.js') return join(rootOf('@observablehq/plot', 'plot'), 'dist/plot.umd.min.js')
  return name === 'd3.js' ? join(rootOf('d3', 'd3'), 'dist/d3.min.js') : undefined
}

/** The folder of a package, from whichever of its files it lets be found. */
function rootOf(name: string, folder: string): string {
  let path = dirname(require.resolve(name))
  while (basename(path) !== folder) path = dirname(path)
  return path
}

async function sendAsset(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const path = assetPath(firstOf(request.params)['name'] ?? '')
  if (path === undefined) throw problem('page_not_found', 'There is no such file.')
  const sent = await send(request.raw, basename(path), { root: dirname(path), maxAge: 3_600_000 })
  return reply.code(sent.statusCode).headers(sent.headers).send(sent.stream)
}

const baseOf = (server: StudyServer, request: FastifyRequest): string => {
  const protocol = server.study.isOnCloud
    ? (request.headers['x-forwarded-proto'] ?? 'https')
    : request.protocol
  return `${String(protocol)}://${request.headers.host ?? ''}`
}

async function overviewView(server: StudyServer, { query }: View): Promise<PageContent> {
  const groups = await countGroups(server.pool, server.tables)
  const choice = {
    onlyVersion: query['all_versions'] !== '1',
    byCondition: query['by_condition'] === '1',
    onlyComplete: query['only_complete'] === '1',
    mode: query['mode'] ?? 'all',
  }
  const modes = [...new Set(groups.map((group) => group.mode ?? ''))]
  const shown = chosen(server, groups, query)
  return { title: 'Overview', place: '', body: overviewPage(shown, choice, modes) }
}

/** Groups of the current version and the chosen mode, unless the address says otherwise. */
function chosen(
  server: StudyServer,
  groups: readonly Group[],
  query: Readonly<Record<string, string>>,
): Group[] {
  const version = server.study.settings.task.experiment_code_version
  const mode = query['mode'] ?? 'all'
  return groups.filter(
    (group) =>
      (query['all_versions'] === '1' || group.codeversion === version) &&
      (mode === 'all' || group.mode === mode),
  )
}

async function overviewData(
  server: StudyServer,
  query: Readonly<Record<string, string>>,
): Promise<object> {
  const groups = chosen(server, await countGroups(server.pool, server.tables), query)
  const total = (isCounted: (group: Group) => boolean): number =>
    groups.filter(isCounted).reduce((sum, group) => sum + group.count, 0)
  const counts = [
    total(() => true),
    total((group) => group.status !== STATUS.allocated),
    total((group) => FINISHED.includes(group.status)),
    total((group) => group.status === STATUS.credited || group.status === STATUS.bonused),
  ]
  const cells = Map.groupBy(
    groups.filter((group) => group.status !== STATUS.quitEarly),
    (group) => `${group.condition ?? '?'} / ${group.counterbalance ?? '?'}`,
  )
  return {
    funnel: FUNNEL_STEPS.map((step, i) => ({ step, count: counts[i] })),
    cells: [...cells].map(([cell, members]) => ({
      cell,
      count: members.reduce((sum, group) => sum + group.count, 0),
    })),
    sample: await sampleDocuments(server.pool, server.tables, query['mode'] ?? 'all'),
  }
}

async function participantsView(server: StudyServer, { query }: View): Promise<PageContent> {
  const page = Math.max(0, Number.parseInt(query['page'] ?? '0', 10) || 0)
  const range = { limit: PAGE_ROWS, offset: page * PAGE_ROWS }
  const [participants, jobs] = await Promise.all([
    newestParticipants(server.pool, server.tables, range),
    listJobs(server.pool, server.tables, 5),
  ])
  return {
    title: 'Participants',
    place: 'participants',
    body: participantsPage(participants, page, jobs),
  }
}

async function participantView(
  server: StudyServer,
  { request, query }: View,
): Promise<PageContent> {
  const id = firstOf(request.params)['id'] ?? ''
  const { pool, tables } = server
  const participant = await findParticipant(pool, tables, id)
  if (participant === undefined)
    throw problem('participant_not_found', 'There is no such participant.')
  const version = Number(query['version'])
  const document =
    Number.isSafeInteger(version) && version > 0
      ? ((await readSave(pool, tables, id, version)) ?? null)
      : ((await readDocument(pool, tables, id)) ?? null)
  const saves = await listSaves(pool, tables, id)
  const body = participantPage(participant, document, saves, completionCode(server, id))
  return { title: id, place: 'participants', body }
}

async function hitsView(server: StudyServer, { visitor, query }: View): Promise<PageContent> {
  const filter = query['show'] ?? 'all'
  try {
    const hits = (await listHits(await marketOf(server, visitor.mode))).filter(
      (hit) =>
        filter === 'all' ||
        (filter === 'unexpired' && (hit.Expiration?.getTime() ?? 0) > Date.now()) ||
        (filter === 'reviewable' && hit.HITStatus === 'Reviewable'),
    )
    return { title: 'HITs', place: 'hits', body: hitsPage(hits, filter) }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const body = html`<p class="flash">${error.message}</p><p class="quiet">${error.hint ?? ''}</p>${OUTCOME}`
    return { title: 'HITs', place: 'hits', body }
  }
}
