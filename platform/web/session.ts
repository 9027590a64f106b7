import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { scopesOf } from '../api/index.ts'
import { problem, sameSecret, type Store } from '../store/index.ts'

/**
 * A browser's session is a token like any other, made at sign-in and revoked at sign-out; the
 * browser keeps it in a cookie that no script can read.
 */
export const SESSION_DESCRIPTION = 'hokku: browser session'

/** As long as Heroku's own CLI logins. */
export const SESSION_MS = 30 * 24 * 3600 * 1000

/** The token in a request's session cookie. */
export function sessionToken(request: FastifyRequest): string | undefined {
  const name = cookieName(request)
  return (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim().split('='))
    .find(([key]) => key === name)?.[1]
}

/** Who a browser is signed in as; also a session that has been revoked or has expired is none. */
export function sessionHolder(request: FastifyRequest, store: Store): FastifyRequest['holder'] {
  const token = sessionToken(request)
  if (token === undefined) return null
  const holder = store.accounts.holderOf(token)
  return holder !== undefined && scopesOf(holder.authorization).includes('global') ? holder : null
}

export function startSession(request: FastifyRequest, reply: FastifyReply, token: string): void {
  reply.header('set-cookie', cookie(request, token, SESSION_MS / 1000))
}

export function endSession(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('set-cookie', cookie(request, '', 0))
}

function cookie(request: FastifyRequest, value: string, seconds: number): string {
  const secure = request.protocol === 'https' ? '; Secure' : ''
  return `${cookieName(request)}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`
}

/**
 * Cookies do not know ports, so that two platforms on one machine need two names. With TLS the
 * prefix keeps apps on subdomains from setting it.
 */
function cookieName(request: FastifyRequest): string {
  if (request.protocol === 'https') return '__Host-hokku-session'
  return `hokku-session-${/:(\d+)$/.exec(request.host)?.[1] ?? '80'}`
}

/** What forms of a session carry, so that no other site can send them. */
export const formToken = (session: string): string =>
  createHash('sha256').update(`form of ${session}`).digest('base64url')

/**
 * Refuses what another site made the browser send. Apps on subdomains count as the same site for
 * cookies, so `SameSite` alone would not do.
 *
 * @param token the form's own, or undefined where no one is signed in yet
 * @throws Problem `forbidden`
 */
export function checkForm(request: FastifyRequest, token?: string): void {
  const { origin } = request.headers
  const site = request.headers['sec-fetch-site']
  const isForeign =
    (site !== undefined && site !== 'same-origin' && site !== 'none') ||
    (origin !== undefined && origin !== `${request.protocol}://${request.host}`)
  const session = sessionToken(request)
  const isSigned =
    session === undefined || (token !== undefined && sameSecret(token, formToken(session)))
  if (!isForeign && isSigned) return
  throw problem('forbidden', 'This form was not sent from this page.', {
    hint: 'Go back, reload the page, and try again.',
  })
}
