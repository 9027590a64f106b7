import type { FastifyRequest } from '@hokku/kit/http'
import * as z from 'zod'
import { describeBrowser, isBrowserExcluded, preferredLanguage } from '../pages/browser-rule.ts'
import { ParticipantError, type ParticipantErrorKey } from '../pages/error-pages.ts'
import { decideAd, type Identity } from '../participants/admission.ts'
import type { Cell } from '../participants/cells.ts'
import { asQuery, passedOn } from '../participants/passed-on.ts'
import { rememberParameters } from '../store/parameters.ts'
import { intoHead, withGuard } from './guard.ts'
import { pageId } from '../participants/page-id.ts'
import { renderPageStudy } from './page-study.ts'
import { firstOf, IdentityQuery } from '../participants/identity.ts'
import { isDebugId } from '../participants/status.ts'
import { endPageOf, isLinkMode } from '../recruiting/end-page.ts'
import { tokenOf } from '../store/secret.ts'
import { page, type PageHandler } from '../http/answers.ts'
import type { Route } from '../http/routes.ts'
import type { StudyServer } from '../http/study-server.ts'

/** The pages by which a participant enters: ad, consent, experiment. */
export function entryRoutes(server: StudyServer): Route[] {
  const get = (path: string, handler: PageHandler): Route => ({
    method: 'GET',
    path,
    handler: page(server, handler),
  })
  const ad: PageHandler = (request, query) => showAd(server, request, query)
  return [
    server.isPage
      ? pageRoute(server, (request, query) => showExperiment(server, request, query))
      : get('/', () => server.templates.render('default.html', {})),
    get('/ad', ad),
    get('/pub', ad),
    get('/consent', (_, query) => showConsent(server, query)),
    get('/exp', (request, query) => showExperiment(server, request, query)),
  ]
}

/** The page itself; someone who comes without ids gets new ones. */
function pageRoute(server: StudyServer, show: PageHandler): Route {
  const shown = page(server, show)
  const handler: Route['handler'] = (request, reply) => {
    const query = firstOf(request.query)
    if (query['workerId'] || query['assignmentId']) return shown(request, reply)
    return reply.redirect(`/join?${new URLSearchParams(query).toString()}`, 302)
  }
  return { method: 'GET', path: '/', handler }
}

type Query = Readonly<Record<string, string>>

/** What Mechanical Turk sends instead of an id while someone only looks at a HIT. */
const PREVIEW = 'ASSIGNMENT_ID_NOT_AVAILABLE'

async function showAd(server: StudyServer, request: FastifyRequest, query: Query): Promise<string> {
  const { task } = server.study.settings
  if (isBrowserExcluded(task.browser_exclude_rule, request.headers['user-agent'] ?? '')) {
    throw new ParticipantError('browser_type_not_allowed')
  }
  requireIds(query, ['hitId', 'assignmentId'], 'hit_assign_worker_id_not_set_in_mturk')
  const workerId = query['workerId'] || undefined
  const identity = readIdentity({ ...query, workerId: workerId ?? 'unknown' })
  const mode = modeOf(query, identity)
  const rows = workerId === undefined ? [] : await server.workers.add(workerId)
  const decision = decideAd(identity, rows, task.allow_repeats, task.allow_resume)
  if (decision.show === 'error') throw new ParticipantError(decision.error)
  const ids = {
    hitid: pageId(identity.hitId),
    assignmentid: pageId(identity.assignmentId),
    workerid: workerId === undefined ? null : pageId(workerId),
  }
  if (decision.show === 'thanks' && isLinkMode(mode)) return endPageOf(server, mode, identity)
  return decision.show === 'ad'
    ? server.templates.render('ad.html', { mode, ...ids, passed: asQuery(passedOn(query)) })
    : showThanks(server, mode, {
        hitid: identity.hitId,
        assignmentid: identity.assignmentId,
        workerid: workerId ?? null,
      })
}

/** The page with the submit button; it posts to the stand-in where a study is rehearsed. */
function showThanks(server: StudyServer, mode: string, ids: Record<string, unknown>): string {
  const variables = { using_sandbox: mode === 'sandbox', ...ids }
  const html = server.templates.render('thanks-mturksubmit.html', variables)
  const site = server.study.settings.aws.mturk_worker_site
  return site === '' ? html : html.replaceAll(WORKER_SITES, site.replace(/\/$/, ''))
}

const WORKER_SITES = /https:\/\/(?:workersandbox|www|worker)\.mturk\.com/g

function showConsent(server: StudyServer, query: Query): string {
  requireIds(
    query,
    ['hitId', 'assignmentId', 'workerId'],
    'hit_assign_worker_id_not_set_in_consent',
  )
  const identity = readIdentity(query)
  return server.templates.render('consent.html', {
    mode: modeOf(query, identity),
    hitid: pageId(identity.hitId),
    assignmentid: pageId(identity.assignmentId),
    workerid: pageId(identity.workerId),
    passed: asQuery(passedOn(query)),
  })
}

async function showExperiment(
  server: StudyServer,
  request: FastifyRequest,
  query: Query,
): Promise<string> {
  requireIds(
    query,
    ['hitId', 'assignmentId', 'workerId', 'mode'],
    'hit_assign_worker_id_not_set_in_exp',
  )
  const identity = readIdentity(query)
  const mode = Mode.safeParse(modeOf(query, identity))
  if (!mode.success || identity.assignmentId === PREVIEW) {
    throw new ParticipantError('hit_assign_worker_id_not_set_in_exp')
  }
  const userAgent = request.headers['user-agent'] ?? ''
  const admission = await server.arrivals.add({
    ...identity,
    mode: mode.data,
    ...describeBrowser(userAgent),
    wanted: wantedCell(server, query),
    ipAddress: clientAddress(server, request),
    language: preferredLanguage(request.headers['accept-language']),
  })
  if (admission.kind === 'refused') throw new ParticipantError(admission.error)
  const { row } = admission
  const { task } = server.study.settings
  const passed = passedOn(query)
  if (admission.isNew && Object.keys(passed).length > 0)
    await rememberParameters(server.pool, server.tables, row.uniqueid, passed)
  if (server.isPage) return renderPageStudy(server, row, mode.data)
  const html = server.templates.render('exp.html', {
    uniqueId: pageId(row.uniqueid),
    condition: row.condition,
    counterbalance: row.counterbalance,
    adServerLoc: '/complete',
    mode: mode.data,
    contact_address: task.contact_email_on_error,
    codeversion: task.experiment_code_version,
  })
  const guarded = withGuard(html, server, query['library'] !== undefined)
  return task.require_token ? withToken(guarded, tokenOf(server.secret, row.uniqueid)) : guarded
}

/** The cell that an address names, where the study lets it. */
function wantedCell({ study, cells }: StudyServer, query: Query): Cell | undefined {
  if (!study.settings.task.condition_by_link) return undefined
  const wanted = WantedCell.safeParse(query)
  if (!wanted.success) return undefined
  const { condition, counterbalance } = wanted.data
  const isThere = condition < cells.conditions && counterbalance < cells.counters
  return isThere ? { condition, counterbalance } : undefined
}

const Level = z
  .string()
  .regex(/^\d{1,6}$/)
  .transform(Number)
const WantedCell = z.object({ condition: Level, counterbalance: Level.default(0) })

const Mode = z
  .string()
  .min(1)
  .max(128)
  .refine((mode) => !mode.includes('\0'))

/** A HIT id and a mode may be empty, as in the original; a person may not. */
function requireIds(query: Query, names: readonly string[], error: ParticipantErrorKey): void {
  const isMissing = (name: string): boolean =>
    MAY_BE_EMPTY.has(name) ? query[name] === undefined : !query[name]
  if (names.some(isMissing)) throw new ParticipantError(error)
}

const MAY_BE_EMPTY = new Set(['hitId', 'mode'])

/** Addresses without a mode were common; the real thing is the safer guess for a real HIT. */
const modeOf = (query: Query, { hitId }: Identity): string =>
  query['mode'] || (isDebugId(hitId) ? 'debug' : 'live')

function readIdentity(query: Query): Identity {
  const identity = IdentityQuery.safeParse(query)
  if (!identity.success) throw new ParticipantError('improper_inputs')
  return identity.data
}

/** On a cloud host the last entry of `X-Forwarded-For` is what the router saw. */
function clientAddress(server: StudyServer, request: FastifyRequest): string {
  const header = request.headers['x-forwarded-for']
  const forwarded =
    server.study.isOnCloud && typeof header === 'string' ? header.split(',').at(-1)?.trim() : ''
  return (forwarded || request.ip || 'UNKNOWN').slice(0, ADDRESS_LENGTH_MAX)
}

const ADDRESS_LENGTH_MAX = 128

/** The participant's token where `psiturk.js` looks for it. */
const withToken = (html: string, token: string): string =>
  intoHead(html, `<meta name="psiturk-token" content="${token}">`)
