import * as z from 'zod'
import { problem, type Authorization } from '../store/index.ts'
import { accountOf } from './access.ts'
import type { Routes } from './api.ts'
import { bodyOf, takes, unsupported } from './body.ts'
import { wholeNumber } from './numeric.ts'
import { sendList } from './range.ts'
import { SCOPES, scopesOf } from './scopes.ts'

/** Tokens and logins. `login -i` asks here with the e-mail address and a token as password. */
export const authorizationRoutes: Routes = (api, { store }) => {
  const own = (accountId: string, id: string): Authorization => {
    const found = store.accounts.authorizations(accountId).find((entry) => entry.id === id)
    if (found === undefined) {
      throw problem('not_found', `Couldn't find that authorization.`, {
        details: { resource: 'authorization' },
      })
    }
    return found
  }

  const changeable = (accountId: string, id: string): Authorization => {
    const entry = own(accountId, id)
    if (entry.description !== OWNER_TOKEN) return entry
    throw problem('forbidden', `This is the installation's own token.`, {
      hint: 'Replace it with: hokku token --rotate',
    })
  }

  api.get('/oauth/authorizations', (request, reply) => {
    const entries = store.accounts.authorizations(accountOf(request).id)
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
    const made = store.accounts.authorize(account.id, description, { expiresAt, scope })
    return reply
      .code(201)
      .send({ ...shape(made, made.token), user: { id: account.id, email: account.email } })
  })
  // Whether the token in use is a session is not known here: the CLI asks and takes 404 as "none".
  api.get('/oauth/authorizations/:id', (request) => {
    const { id } = request.params as { id: string }
    return shape(own(accountOf(request).id, id))
  })
  api.delete('/oauth/authorizations/:id', (request) => {
    const { id } = request.params as { id: string }
    const account = accountOf(request)
    const entry = own(account.id, id)
    if (entry.description === OWNER_TOKEN) {
      throw problem('forbidden', `This is the installation's own token; it cannot be revoked.`)
    }
    store.accounts.revoke(account.id, id)
    return shape(entry)
  })
  api.patch('/oauth/authorizations/:id', takes(AuthorizationUpdate), (request) => {
    const { id } = request.params as { id: string }
    const entry = changeable(accountOf(request).id, id)
    const { description } = bodyOf(request, AuthorizationUpdate)
    return shape(
      description == null ? entry : store.accounts.describeAuthorization(entry.id, description),
    )
  })
  api.post('/oauth/authorizations/:id/actions/regenerate-tokens', (request) => {
    const { id } = request.params as { id: string }
    const entry = store.accounts.renewToken(changeable(accountOf(request).id, id).id)
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
  api.delete('/oauth/sessions/~', () => {
    throw problem('not_found', `Couldn't find that session.`, { details: { resource: 'session' } })
  })
}

/** Description of the token that the first start makes and `hokku token` prints. */
export const OWNER_TOKEN = 'hokku: owner'

const shape = (entry: Authorization, token?: string) => ({
  id: entry.id,
  description: entry.description,
  scope: scopesOf(entry),
  access_token: {
    id: entry.id,
    token: token ?? `${entry.tokenHint}**********`,
    expires_in:
      entry.expiresAt === null
        ? null
        : Math.max(0, Math.floor((Date.parse(entry.expiresAt) - Date.now()) / 1000)),
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
