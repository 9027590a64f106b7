import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { problem, type Account, type Authorization, type Store } from '../store/index.ts'
import { accessibleApp, accountOf, installationOwnerOf } from './access.ts'
import type { Routes } from './api.ts'
import { bodyOf, takes } from './body.ts'
import { INVITATION_MS, invitationPath, invite, share } from './invite.ts'
import { PERMISSIONS } from './permissions.ts'
import type { Plane } from './plane.ts'
import { platformUrl } from './urls.ts'

/** The people of an installation: `hokku invite`, `hokku people`, `hokku audit`. */
export const peopleRoutes: Routes = (api, plane) => {
  const { store } = plane
  api.post('/hokku/invitations', takes(NewInvitation), (request, reply) =>
    sendInvitation(request, reply, plane),
  )
  api.get('/hokku/people', (request) => {
    installationOwnerOf(request)
    return store.accounts.list().map((account) => personShape(account, store))
  })
  api.delete('/hokku/people/:user/tokens', (request) => {
    const owner = installationOwnerOf(request)
    const user = pathParam(request, 'user')
    const account = personOf(user, store)
    if (account.id === owner.id) {
      throw problem(
        'invalid_params',
        'Your own tokens cannot all be ended: you would be locked out.',
        {
          hint: 'End one with: heroku authorizations:revoke ID. Replace this one with: hokku token --rotate',
        },
      )
    }
    const revoked = store.transaction(() => {
      store.invitations.withdraw(account.id)
      return store.accounts.revokeAll(account.id)
    })
    return { email: account.email, revoked }
  })
  api.get('/hokku/audit', (request) => {
    installationOwnerOf(request)
    const { app, email, max } = AuditQuery.parse(request.query)
    return store.auditLog.list({ ...(app && { app }), ...(email && { email }), max })
  })
}

function sendInvitation(request: FastifyRequest, reply: FastifyReply, plane: Plane) {
  const { store } = plane
  const body = bodyOf(request, NewInvitation)
  if (body.app === undefined && body.permissions !== undefined) {
    throw problem('invalid_params', 'Permissions are those on an app.', {
      hint: 'Name it: hokku invite EMAIL --app APP --permissions view,deploy',
    })
  }
  const by =
    body.app === undefined || body.role === 'owner'
      ? installationOwnerOf(request)
      : accountOf(request)
  const app = body.app === undefined ? undefined : accessibleApp(request, body.app, store, 'manage')
  const { account, secret, note } = store.transaction(() => {
    const invited = invite(store, by, body.email, app === undefined)
    if (body.role !== undefined) store.accounts.setRole(invited.account.id, body.role)
    if (app !== undefined) share(store, app, invited.account, body.permissions)
    return invited
  })
  return reply.code(201).send({
    email: account.email,
    url: secret === null ? null : `${platformUrl(plane.config)}${invitationPath(secret)}`,
    hours: INVITATION_MS / 3_600_000,
    note,
  })
}

function personOf(key: string, store: Store): Account {
  const account = store.accounts.find(key)
  if (account !== undefined) return account
  throw problem('not_found', `There is no account of ${key}.`, {
    hint: 'See all with: hokku people',
  })
}

function personShape(account: Account, store: Store) {
  const authorizations = store.accounts.authorizations(account.id)
  return {
    email: account.email,
    role: account.role,
    apps: store.apps.ofAccount(account.id).map(({ name }) => name),
    tokens: countOf(authorizations, 'token'),
    sessions: countOf(authorizations, 'session'),
    is_invited: store.invitations
      .ofAccount(account.id)
      .some(({ usedAt, expiresAt }) => usedAt === null && expiresAt > store.now()),
    created_at: account.createdAt,
  }
}

const countOf = (authorizations: readonly Authorization[], kind: string): number =>
  authorizations.filter((one) => one.kind === kind).length

const NewInvitation = z.strictObject({
  email: z.email('is not an e-mail address').max(254),
  /** On the installation. */
  role: z.enum(['member', 'owner']).optional(),
  app: z.string().max(64).optional(),
  permissions: z.array(z.enum(PERMISSIONS)).min(1).optional(),
})

const AuditQuery = z.object({
  app: z.string().optional(),
  email: z.string().optional(),
  max: z.coerce.number().int().min(1).max(10_000).catch(100),
})
