import type { FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { problem, type Account, type App, type Collaborator, type Store } from '../store/index.ts'
import { accountOf, appOf } from './access.ts'
import type { Routes } from './api.ts'
import { appReference } from './app-shape.ts'
import { truth } from './numeric.ts'
import { sendList } from './range.ts'
import { bodyOf, takes } from './body.ts'
import { invitationPath, invite, share } from './invite.ts'
import { baseUrl } from './urls.ts'
import { PERMISSIONS, permissionsOf } from './permissions.ts'

/** Who may use an app beside its owner. */
export const collaboratorRoutes: Routes = (api, { store }) => {
  const people = (app: App) => {
    const owner = store.accounts.find(app.ownerId)
    const rows = store.collaborators.list(app.id).flatMap((row) => {
      const account = store.accounts.find(row.accountId)
      return account === undefined ? [] : [shape(app, account, row)]
    })
    const first = {
      id: app.ownerId,
      permissions: PERMISSIONS.join(','),
      createdAt: app.createdAt,
      updatedAt: app.createdAt,
    }
    return owner === undefined ? rows : [shape(app, owner, first), ...rows]
  }

  api.get('/apps/:app/collaborators', (request, reply) =>
    sendList(request, reply, people(appOf(request, store))),
  )
  api.post('/apps/:app/collaborators', takes(NewCollaborator), (request, reply) => {
    const app = appOf(request, store)
    const { user, permissions } = bodyOf(request, NewCollaborator)
    const email = typeof user === 'string' ? user : user.email
    const { account, row, secret, note } = store.transaction(() => {
      const known = store.accounts.find(email)?.email ?? checkedEmail(email)
      const invited = invite(store, accountOf(request), known)
      return { ...invited, row: share(store, app, invited.account, permissions) }
    })
    // The official CLI prints this header, and no log has it.
    const link = secret === null ? null : `${baseUrl(request)}${invitationPath(secret)}`
    const warning =
      link === null
        ? note
        : `${email} is new here. Give them this link, which works once and for 24 hours: ${link}`
    if (warning !== null) reply.header('warning-message', warning)
    return reply.code(201).send(shape(app, account, row))
  })
  api.patch('/apps/:app/collaborators/:user', takes(PermissionChange), (request) => {
    const app = appOf(request, store)
    const { account } = collaboratorOf(request, app, store)
    const { permissions } = bodyOf(request, PermissionChange)
    return shape(app, account, store.collaborators.add(app.id, account.id, permissions))
  })
  api.get('/apps/:app/collaborators/:user', (request) => {
    const user = pathParam(request, 'user')
    const found = people(appOf(request, store)).find(({ id, user: { id: accountId, email } }) =>
      [id, accountId, email].includes(user),
    )
    if (found !== undefined) return found
    throw problem('not_found', `Couldn't find that collaborator.`, {
      details: { resource: 'collaborator' },
    })
  })
  api.delete('/apps/:app/collaborators/:user', (request) => {
    const user = pathParam(request, 'user')
    // Everyone may leave: heroku apps:leave.
    const isSelf = store.accounts.find(user)?.id === accountOf(request).id
    const app = appOf(request, store, isSelf ? 'view' : 'manage')
    const { account, row } = collaboratorOf(request, app, store)
    store.collaborators.remove(app.id, account.id)
    return shape(app, account, row)
  })
}

/** @throws Problem `not_found` */
function collaboratorOf(request: FastifyRequest, app: App, store: Store) {
  const user = pathParam(request, 'user')
  const account = store.accounts.find(user)
  const row = account && store.collaborators.find(app.id, account.id)
  if (account !== undefined && row !== undefined) return { account, row }
  throw problem('not_found', `${user} is not a collaborator of ${app.name}.`, {
    hint: `See who is: heroku access --app ${app.name}`,
  })
}

function checkedEmail(email: string): string {
  if (z.email().safeParse(email).success) return email
  throw problem('invalid_params', `"${email}" is not an e-mail address.`)
}

const shape = (app: App, account: Account, row: Row) => ({
  id: row.id,
  app: appReference(app),
  role: account.id === app.ownerId ? 'owner' : 'collaborator',
  permissions: permissionsOf(row.permissions)
    .toSorted()
    .map((name) => ({ name, description: name })),
  user: { id: account.id, email: account.email, federated: false },
  created_at: row.createdAt,
  updated_at: row.updatedAt,
})

type Row = Pick<Collaborator, 'id' | 'permissions' | 'createdAt' | 'updatedAt'>

const Permissions = z.array(z.enum(PERMISSIONS)).min(1)
const NewCollaborator = z.strictObject({
  user: z.union([z.string(), z.strictObject({ email: z.string() })]),
  /** Nothing is ever sent by mail. */
  silent: truth.nullish(),
  permissions: Permissions.optional(),
})
const PermissionChange = z.strictObject({ permissions: Permissions })
