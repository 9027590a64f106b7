import type { FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import {
  neededPermission,
  PERMISSIONS,
  permissionsOf,
  permits,
  type Permission,
} from './permissions.ts'
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
 * The app that `:app` names, by name or id, if the account may do with it what the route does, see
 * `permissions.ts`. Same answer for "not yours" and "not there".
 *
 * @throws Problem `not_found`, `forbidden`
 */
export function appOf(request: FastifyRequest, store: Store, permission?: Permission): App {
  const key = pathParam(request, 'app')
  return accessibleApp(request, key, store, permission)
}

/** As `appOf`, for an app that is named elsewhere, e.g. in a body. */
export function accessibleApp(
  request: FastifyRequest,
  key: string,
  store: Store,
  permission = neededPermission(request.method, request.routeOptions.url ?? ''),
): App {
  const account = accountOf(request)
  const app = store.apps.find(key)
  const granted = app === undefined ? undefined : grantedPermissions(account, app, store)
  if (app === undefined || granted === undefined) throw appNotFound()
  if (permits(granted, permission)) return app
  throw problem('forbidden', `You do not have the permission "${permission}" on ${app.name}.`, {
    hint: `Someone who manages it can run: hokku invite ${account.email} --app ${app.name} --permissions ${[...new Set([...granted, permission])].join(',')}`,
    details: { app: { name: app.name } },
  })
}

/** What an account may do with an app; undefined if it has no part in it. */
function grantedPermissions(account: Account, app: App, store: Store): Permission[] | undefined {
  if (app.ownerId === account.id) return [...PERMISSIONS]
  const collaborator = store.collaborators.find(app.id, account.id)
  return collaborator === undefined ? undefined : permissionsOf(collaborator.permissions)
}

export const appNotFound = () =>
  problem('not_found', `Couldn't find that app.`, { details: { resource: 'app' } })

export const unauthorized = () =>
  problem('unauthorized', 'Invalid credentials provided.', {
    hint: 'Set HEROKU_API_KEY to the token that `hokku token` prints, or run: heroku login',
  })
