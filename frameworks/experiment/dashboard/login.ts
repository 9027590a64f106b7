import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { createHmac } from 'node:crypto'
import * as z from 'zod'
import { isMode } from '../mturk/mode.ts'
import type { Mode } from '../mturk/mode.ts'
import { isSame } from '../custom/custom-routes.ts'
import { problem } from '../problems.ts'

/** Someone who is logged in; the mode is theirs alone. */
export type Visitor = Readonly<{ user: string; mode: Mode; expiresAt: number }>

const Visitor = z.object({
  user: z.string(),
  mode: z.custom<Mode>((value) => typeof value === 'string' && isMode(value)),
  expiresAt: z.number(),
})

const COOKIE = 'psiturk_dashboard'
const SESSION_S = 12 * 3600

/** Sets the cookie that proves the login: signed, unreadable for scripts, of this site only. */
export function giveCookie(
  reply: FastifyReply,
  visitor: Omit<Visitor, 'expiresAt'>,
  options: Readonly<{ key: string; isSecure: boolean }>,
): void {
  const content = { ...visitor, expiresAt: Date.now() + SESSION_S * 1000 }
  const text = Buffer.from(JSON.stringify(content)).toString('base64url')
  const secure = options.isSecure ? '; Secure' : ''
  void reply.header(
    'Set-Cookie',
    `${COOKIE}=${text}.${sign(text, options.key)}; Path=/; Max-Age=${SESSION_S}; HttpOnly; SameSite=Lax${secure}`,
  )
}

export function takeCookie(reply: FastifyReply): void {
  void reply.header('Set-Cookie', `${COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`)
}

/** Who is logged in; undefined if no one, or too long ago. */
export function readVisitor(request: FastifyRequest, key: string): Visitor | undefined {
  const cookie = new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w-]+)\\.([\\w-]+)`).exec(
    request.headers.cookie ?? '',
  )
  const [, text = '', signature = ''] = cookie ?? []
  if (text === '' || !isSame(signature, sign(text, key))) return undefined
  const visitor = Visitor.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString())).data
  return visitor !== undefined && visitor.expiresAt > Date.now() ? visitor : undefined
}

const sign = (text: string, key: string): string =>
  createHmac('sha256', key).update(`dashboard ${text}`).digest('base64url')

/**
 * Refuses requests that another site makes in the visitor's name.
 *
 * @throws Problem `cross_site_request`
 */
export function requireOwnSite(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site']
  const origin = request.headers.origin
  const isOwn =
    site === undefined
      ? origin === undefined || URL.parse(origin)?.host === request.headers.host
      : site === 'same-origin' || (site === 'none' && request.method === 'GET')
  if (!isOwn) throw problem('cross_site_request', 'This request came from another site.')
}

/** Asks for the login first, and leads back to what was asked for. */
export const toLogin = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  reply.redirect(`/dashboard/login?next=${encodeURIComponent(request.url)}`, 302)

/** Only addresses of our own dashboard are followed after a login. */
export const safeNext = (next: string | undefined): string =>
  next !== undefined && /^\/(dashboard|api)(?![^/?])[\w\-/?=&.%]*$/.test(next)
    ? next
    : '/dashboard/'

/** Slows down guessing: so many wrong passwords from one address in a quarter of an hour. */
export function createGuard(now: () => number = Date.now) {
  const failures = new Map<string, number[]>()
  const recent = (address: string): number[] =>
    (failures.get(address) ?? []).filter((time) => time > now() - WINDOW_MS)
  return {
    isBlocked: (address: string): boolean => recent(address).length >= FAILURES_MAX,
    noteFailure: (address: string): void => {
      if (failures.size > ADDRESSES_MAX) failures.clear()
      failures.set(address, [...recent(address), now()])
    },
  }
}

const WINDOW_MS = 15 * 60_000
const FAILURES_MAX = 10
const ADDRESSES_MAX = 10_000
