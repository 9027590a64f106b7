import type { FastifyRequest } from '@hokku/kit/http'
import * as z from 'zod'
import { describeBrowser, isBrowserExcluded, preferredLanguage } from '../pages/browser-rule.ts'
import { ParticipantError, type ParticipantErrorKey } from '../pages/error-pages.ts'
import { decideAd, type Identity } from '../participants/admission.ts'
import { IdentityQuery } from '../participants/identity.ts'
import { isDebugId } from '../participants/status.ts'
import { problem } from '../problems.ts'
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
    get('/', () => server.templates.render('default.html', {})),
    get('/ad', ad),
    get('/pub', ad),
    get('/consent', (_, query) => showConsent(server, query)),
    get('/exp', (request, query) => showExperiment(server, request, query)),
  ]
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
  // Addresses without a mode were common; the real thing is the safer guess for a real HIT.
  const mode = query['mode'] || (isDebugId(identity.hitId) ? 'debug' : 'live')
  const rows = workerId === undefined ? [] : await server.workers.add(workerId)
  const decision = decideAd(identity, rows, task.allow_repeats)
  if (decision.show === 'error') throw new ParticipantError(decision.error)
  const ids = {
    hitid: identity.hitId,
    assignmentid: identity.assignmentId,
    workerid: workerId ?? null,
  }
  if (decision.show === 'thanks' && isLinkMode(mode)) return endPageOf(server, mode, identity)
  return decision.show === 'ad'
    ? server.templates.render('ad.html', { mode, ...ids })
    : showThanks(server, mode, ids)
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
  const mode = query['mode']
  if (!mode) throw problem('parameter_missing', 'The parameter mode is missing.')
  const identity = readIdentity(query)
  return server.templates.render('consent.html', {
    mode,
    hitid: identity.hitId,
    assignmentid: identity.assignmentId,
    workerid: identity.workerId,
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
  const mode = Mode.safeParse(query['mode'])
  if (!mode.success || identity.assignmentId === PREVIEW) {
    throw new ParticipantError('hit_assign_worker_id_not_set_in_exp')
  }
  const userAgent = request.headers['user-agent'] ?? ''
  const admission = await server.arrivals.add({
    ...identity,
    mode: mode.data,
    ...describeBrowser(userAgent),
    ipAddress: clientAddress(server, request),
    language: preferredLanguage(request.headers['accept-language']),
  })
  if (admission.kind === 'refused') throw new ParticipantError(admission.error)
  const { row } = admission
  const { task } = server.study.settings
  const html = server.templates.render('exp.html', {
    uniqueId: row.uniqueid,
    condition: row.condition,
    counterbalance: row.counterbalance,
    adServerLoc: '/complete',
    mode: mode.data,
    contact_address: task.contact_email_on_error,
    codeversion: task.experiment_code_version,
  })
  return task.require_token ? withToken(html, tokenOf(server.secret, row.uniqueid)) : html
}

const Mode = z
  .string()
  .min(1)
  .max(128)
  .refine((mode) => !mode.includes('\0'))

function requireIds(query: Query, names: readonly string[], error: ParticipantErrorKey): void {
  if (names.some((name) => !query[name])) throw new ParticipantError(error)
}

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

/** Puts the participant's token where `psiturk.js` looks for it, without touching the page else. */
function withToken(html: string, token: string): string {
  const meta = `<meta name="psiturk-token" content="${token}">`
  const place =
    /<head(?:\s[^>]*)?>/i.exec(html) ??
    /<html(?:\s[^>]*)?>/i.exec(html) ??
    /<!doctype[^>]*>/i.exec(html)
  const at = place === null ? 0 : place.index + place[0].length
  return html.slice(0, at) + meta + html.slice(at)
}
