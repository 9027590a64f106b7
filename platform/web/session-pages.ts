import type { FastifyInstance } from '@hokku/kit/http'
import { queryParam } from '@hokku/kit/request-params'
import { addressOf, scopesOf, type Plane } from '../api/index.ts'
import { Attempts } from './attempts.ts'
import { signInPage } from './pages/sign-in.ts'
import { fieldOf, SIGN_IN } from './prepare-pages.ts'
import { endSession, SESSION_DESCRIPTION, SESSION_MS, startSession } from './session.ts'

/** Signing in with a token, and out again. */
export function sessionPages(pages: FastifyInstance, { store }: Plane): void {
  const attempts = new Attempts()
  const config = { public: true }

  pages.get(SIGN_IN, { config }, (request, reply) => {
    const next = queryParam(request, 'next')
    return reply.type('text/html').send(signInPage(request.frame, ownPath(next)))
  })

  pages.post(SIGN_IN, { config }, (request, reply) => {
    const next = ownPath(fieldOf(request, 'next'))
    const address = addressOf(request)
    const refuse = (status: number, reason: string) =>
      reply
        .code(status)
        .type('text/html')
        .send(signInPage(request.frame, next, reason))
    if (attempts.isBarred(address)) {
      return refuse(429, 'Too many attempts. Please wait ten minutes.')
    }
    const holder = store.accounts.holderOf(fieldOf(request, 'token').trim())
    if (holder === undefined) {
      attempts.failed(address)
      return refuse(401, 'That token is not known here. `npx hokku token` prints it.')
    }
    attempts.succeeded(address)
    request.holder = holder
    if (!scopesOf(holder.authorization).includes('global')) {
      return refuse(403, 'That token is limited. Signing in needs one with the scope global.')
    }
    const expiresAt = new Date(Date.now() + SESSION_MS).toISOString()
    const { token } = store.accounts.authorize(holder.account.id, SESSION_DESCRIPTION, {
      expiresAt,
      kind: 'session',
    })
    startSession(request, reply, token)
    return reply.redirect(next, 303)
  })

  pages.post('/dashboard/sign-out', { config }, (request, reply) => {
    const { holder } = request
    if (holder?.authorization.description === SESSION_DESCRIPTION) {
      store.accounts.revoke(holder.account.id, holder.authorization.id)
    }
    endSession(request, reply)
    return reply.redirect(SIGN_IN, 303)
  })
}

/** Where to go after signing in: only our own page. */
function ownPath(path: string | undefined): string {
  return path !== undefined && /^\/dashboard(?:[/?][\w/?=&.~%-]*)?$/.test(path)
    ? path
    : '/dashboard'
}
