import type { FastifyInstance, FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { Problem } from '@hokku/kit/problem'
import type { Plane } from '../api/index.ts'
import { messagePage } from './pages/cli-login.ts'
import type { Frame } from './pages/layout.ts'
import { checkForm, formToken, sessionHolder, sessionToken } from './session.ts'

declare module 'fastify' {
  interface FastifyRequest {
    frame: Frame
  }
}

/**
 * Makes a group of routes one of pages: signed in by cookie, forms checked, failures shown as
 * pages, nothing loaded from elsewhere. Who is not signed in is sent to sign in first.
 */
export function preparePages(pages: FastifyInstance, { store }: Plane, assets: string): void {
  pages.addContentTypeParser<string>(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: FORM_BYTES_MAX },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body))),
  )
  pages.decorateRequest('frame', null as unknown as Frame)
  pages.addHook('preHandler', async (request, reply) => {
    reply.headers(HEADERS)
    request.holder = sessionHolder(request, store)
    request.frame = frameOf(request, assets)
    const isSignIn = request.routeOptions.url === SIGN_IN
    const isOpen = isSignIn || request.routeOptions.url === INVITATION
    if (request.method === 'POST') {
      checkForm(request, isSignIn ? undefined : fieldOf(request, 'form_token'))
    }
    if (request.holder === null && !isOpen) return askToSignIn(request, reply)
    return undefined
  })
  pages.setErrorHandler((error, request, reply) => {
    if (!(error instanceof Problem)) throw error
    const title = error.status === 404 ? 'Not found' : 'That did not work'
    return reply
      .code(error.status)
      .type('text/html; charset=utf-8')
      .send(messagePage(request.frame, title, error.message, error.hint))
  })
}

export const SIGN_IN = '/dashboard/sign-in'
/** Anyone who has the link may open it. */
export const INVITATION = '/join/:invitation'

/** Names and tokens only. */
const FORM_BYTES_MAX = 16 * 1024

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
}

/** A field of the form that was sent; empty if there is none. */
export function fieldOf(request: FastifyRequest, name: string): string {
  const fields = request.body as Record<string, string> | null | undefined
  return fields?.[name] ?? ''
}

function frameOf(request: FastifyRequest, assets: string): Frame {
  const token = sessionToken(request)
  const email = request.holder?.account.email
  const session =
    token === undefined || email === undefined ? null : { email, formToken: formToken(token) }
  return { assets, session, now: new Date() }
}

function askToSignIn(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const next = request.method === 'GET' ? request.url : '/dashboard'
  return reply.redirect(`${SIGN_IN}?next=${encodeURIComponent(next)}`, 303)
}
