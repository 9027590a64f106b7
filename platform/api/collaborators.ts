import * as z from 'zod'
import { problem, type Account, type App } from '../store/index.ts'
import { appOf } from './access.ts'
import type { Routes } from './api.ts'
import { appReference } from './app-shape.ts'
import { truth } from './numeric.ts'
import { bodyOf, takes } from './body.ts'

/** Who may use an app beside its owner. */
export const collaboratorRoutes: Routes = (api, { store }) => {
  api.get('/apps/:app/collaborators', (request) => {
    const app = appOf(request, store)
    const people = store.collaborators.list(app.id)
    const owner = store.accounts.find(app.ownerId)
    const rows = people.flatMap((row) => {
      const account = store.accounts.find(row.accountId)
      return account === undefined ? [] : [shape(app, account, row)]
    })
    const first = { id: app.ownerId, createdAt: app.createdAt, updatedAt: app.createdAt }
    return owner === undefined ? rows : [shape(app, owner, first), ...rows]
  })
  api.post('/apps/:app/collaborators', takes(NewCollaborator), (request, reply) => {
    const app = appOf(request, store, 'own')
    const { user } = bodyOf(request, NewCollaborator)
    const email = typeof user === 'string' ? user : user.email
    return store.transaction(() => {
      const account = store.accounts.find(email) ?? store.accounts.create(checkedEmail(email))
      if (account.id === app.ownerId) {
        throw problem('invalid_params', `${email} owns ${app.name} already.`)
      }
      store.collaborators.add(app.id, account.id)
      const row = store.collaborators.list(app.id).find((entry) => entry.accountId === account.id)
      if (row === undefined) throw new Error('the collaborator just added is not there')
      return reply.code(201).send(shape(app, account, row))
    })
  })
  api.delete('/apps/:app/collaborators/:user', (request) => {
    const app = appOf(request, store, 'own')
    const { user } = request.params as { user: string }
    const account = store.accounts.find(user)
    const row = store.collaborators.list(app.id).find((entry) => entry.accountId === account?.id)
    if (account === undefined || row === undefined) {
      throw problem('not_found', `${user} is not a collaborator of ${app.name}.`)
    }
    store.collaborators.remove(app.id, account.id)
    return shape(app, account, row)
  })
}

function checkedEmail(email: string): string {
  if (z.email().safeParse(email).success) return email
  throw problem('invalid_params', `"${email}" is not an e-mail address.`)
}

const shape = (
  app: App,
  account: Account,
  row: { id: string; createdAt: string; updatedAt: string },
) => ({
  id: row.id,
  app: appReference(app),
  role: account.id === app.ownerId ? 'owner' : 'collaborator',
  permissions: ['deploy', 'operate', 'view'].map((name) => ({ name, description: name })),
  user: { id: account.id, email: account.email, federated: false },
  created_at: row.createdAt,
  updated_at: row.updatedAt,
})

const NewCollaborator = z.strictObject({
  user: z.union([z.string(), z.strictObject({ email: z.string() })]),
  silent: truth.nullish(),
})
