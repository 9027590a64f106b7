import type { FastifyRequest } from '@hokku/kit/http'
import { problem, type Account, type App, type Authorization, type Store } from '../store/index.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set by the authentication hook on every route that is not public. */
    holder: { account: Account; authorization: Authorization } | null
  }
  interface FastifyContextConfig {
    /** Served without a token: the route carries its own secret or shows nothing private. */
    public?: boolean
  }
}

/** The account that a request is made for. */
export function accountOf(request: FastifyRequest): Account {
  if (request.holder === null) throw unauthorized()
  return request.holder.account
}

/**
 * The account of a request that only the owner of the installation may make.
 *
 * @throws Problem `forbidden` for every other account
 */
export function installationOwnerOf(request: FastifyRequest): Account {
  const account = accountOf(request)
  if (account.role === 'owner') return account
  throw problem('forbidden', 'Only the owner of this installation may do that.', {
    hint: 'Use the token that `hokku token` prints on the machine hokku runs on.',
  })
}

/**
 * The app that `:app` names, by name or id, if the account may do that with it. Same answer for
 * "not yours" and "not there". Collaborators may do everything but hand over or destroy the app.
 *
 * @throws Problem `not_found`, `forbidden`
 */
export function appOf(request: FastifyRequest, store: Store, act: 'use' | 'own' = 'use'): App {
  const { app: key } = request.params as { app: string }
  return accessibleApp(accountOf(request), key, store, act)
}

/** As `appOf`, for an app that is named in a body. */
export function accessibleApp(
  account: Account,
  key: string,
  store: Store,
  act: 'use' | 'own' = 'use',
): App {
  const app = store.apps.find(key)
  const mine = app?.ownerId === account.id
  const shared =
    app !== undefined && (mine || store.apps.ofAccount(account.id).some((a) => a.id === app.id))
  if (app === undefined || !shared) throw appNotFound()
  if (act === 'own' && !mine) {
    throw problem('forbidden', `Only the owner of ${app.name} may do that.`, {
      details: { app: { name: app.name } },
    })
  }
  return app
}

export const appNotFound = () =>
  problem('not_found', `Couldn't find that app.`, { details: { resource: 'app' } })

export const unauthorized = () =>
  problem('unauthorized', 'Invalid credentials provided.', {
    hint: 'Set HEROKU_API_KEY to the token that `hokku token` prints, or run: heroku login',
  })
