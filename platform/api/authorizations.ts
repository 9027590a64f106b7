import * as z from 'zod'
import type { FastifyInstance } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import { problem, type Authorization, type Store } from '../store/index.ts'
import { accountOf } from './access.ts'
import type { Routes } from './api.ts'
import { bodyOf, takes, unsupported } from './body.ts'
import { wholeNumber } from './numeric.ts'
import { sendList } from './range.ts'
import { SCOPES, scopesOf } from './scopes.ts'

/** Tokens and logins. `login -i` asks here with the e-mail address and a token as password. */
export const authorizationRoutes: Routes = (api, { store }) => {
  api.get('/oauth/authorizations', (request, reply) => {
    const entries = store.accounts
      .authorizations(accountOf(request).id)
      .filter(({ kind }) => kind === 'token')
    return sendList(
      request,
      reply,
      entries.map((entry) => shape(entry)),
    )
  })
  api.post('/oauth/authorizations', takes(NewAuthorization), (request, reply) => {
    const account = accountOf(request)
    const { description, expires_in, scope } = bodyOf(request, NewAuthorization)
    const expiresAt =
      expires_in == null ? null : new Date(Date.now() + expires_in * 1000).toISOString()
    const made = store.accounts.authorize(account.id, description, {
      expiresAt,
      scope,
      kind: description.startsWith('Heroku CLI login') ? 'session' : 'token',
    })
    return reply
      .code(201)
      .send({ ...shape(made, made.token), user: { id: account.id, email: account.email } })
  })
  // Whether the token in use is a session is not known here: the CLI asks and takes 404 as "none".
  api.get('/oauth/authorizations/:id', (request) => {
    const id = pathParam(request, 'id')
    return shape(ownAuthorization(store, accountOf(request).id, id))
  })
  api.delete('/oauth/authorizations/:id', (request) => {
    const id = pathParam(request, 'id')
    return shape(revokeAuthorization(store, accountOf(request).id, id))
  })
  api.patch('/oauth/authorizations/:id', takes(AuthorizationUpdate), (request) => {
    const id = pathParam(request, 'id')
    const entry = changeableAuthorization(store, accountOf(request).id, id)
    const { description } = bodyOf(request, AuthorizationUpdate)
    return shape(
      description == null ? entry : store.accounts.describeAuthorization(entry.id, description),
    )
  })
  api.post('/oauth/authorizations/:id/actions/regenerate-tokens', (request) => {
    const id = pathParam(request, 'id')
    const entry = store.accounts.renewToken(
      changeableAuthorization(store, accountOf(request).id, id).id,
    )
    return shape(entry, entry.token)
  })
  for (const path of ['/oauth/tokens', '/oauth/tokens/:token']) {
    api.route({
      method: ['POST', 'DELETE'],
      url: path,
      ...takes(z.unknown()),
      handler: () => {
        throw problem('invalid_params', 'hokku does not exchange codes for tokens.', {
          hint: 'Make a token with: heroku authorizations:create, and end it with authorizations:revoke',
        })
      },
    })
  }
  sessionRoutes(api, store)
}

/** @throws Problem `not_found` */
function ownAuthorization(store: Store, accountId: string, id: string): Authorization {
  const found = store.accounts.authorizations(accountId).find((entry) => entry.id === id)
  if (found !== undefined) return found
  throw problem('not_found', `Couldn't find that authorization.`, {
    details: { resource: 'authorization' },
  })
}

/** @throws Problem `not_found`, `forbidden` for the installation's own token */
function changeableAuthorization(store: Store, accountId: string, id: string): Authorization {
  const entry = ownAuthorization(store, accountId, id)
  if (entry.description !== OWNER_TOKEN) return entry
  throw problem('forbidden', `This is the installation's own token.`, {
    hint: 'Replace it with: hokku token --rotate',
  })
}

/**
 * Ends a token or a session of an account's own.
 *
 * @throws Problem `not_found`, `forbidden` for the installation's own token
 */
export function revokeAuthorization(store: Store, accountId: string, id: string): Authorization {
  const entry = changeableAuthorization(store, accountId, id)
  store.accounts.revoke(accountId, entry.id)
  return entry
}

/** Sessions are tokens, too: those that signing in has made. `~` is the one in use. */
function sessionRoutes(api: FastifyInstance, store: Store): void {
  api.get('/oauth/sessions', (request) =>
    store.accounts
      .authorizations(accountOf(request).id)
      .filter(({ kind }) => kind === 'session')
      .map((entry) => sessionShape(entry)),
  )
  api.delete('/oauth/sessions/:session', (request) => {
    const key = pathParam(request, 'session')
    const account = accountOf(request)
    const id = key === '~' ? request.holder?.authorization.id : key
    const entry = store.accounts
      .authorizations(account.id)
      .find((one) => one.id === id && one.kind === 'session')
    if (entry === undefined) {
      throw problem('not_found', `Couldn't find that session.`, {
        details: { resource: 'session' },
      })
    }
    store.accounts.revoke(account.id, entry.id)
    return sessionShape(entry)
  })
}

const sessionShape = (entry: Authorization) => ({
  id: entry.id,
  description: entry.description,
  expires_in: remainingSeconds(entry),
  created_at: entry.createdAt,
  updated_at: entry.updatedAt,
})

const remainingSeconds = ({ expiresAt }: Authorization): number | null =>
  expiresAt === null ? null : Math.max(0, Math.floor((Date.parse(expiresAt) - Date.now()) / 1000))

/** Description of the token that the first start makes and `hokku token` prints. */
export const OWNER_TOKEN = 'hokku: owner'

const shape = (entry: Authorization, token?: string) => ({
  id: entry.id,
  description: entry.description,
  scope: scopesOf(entry),
  access_token: {
    id: entry.id,
    token: token ?? `${entry.tokenHint}**********`,
    expires_in: remainingSeconds(entry),
  },
  client: null,
  grant: null,
  refresh_token: null,
  session: null,
  created_at: entry.createdAt,
  updated_at: entry.updatedAt,
})

const NewAuthorization = z.strictObject({
  description: z.string().max(1000).default('Long-lived user authorization'),
  expires_in: wholeNumber.pipe(z.int().positive()).nullish(),
  scope: z
    .array(z.enum(SCOPES))
    .nullish()
    .transform((scope) => (scope == null || scope.length === 0 ? ['global' as const] : scope)),
})
const AuthorizationUpdate = z.strictObject({
  description: z.string().max(1000).nullish(),
  client: unsupported('tokens of hokku belong to no OAuth client: leave it out'),
})
