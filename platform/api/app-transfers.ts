import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { problem, type AppTransfer } from '../store/index.ts'
import { accessibleApp, accountOf } from './access.ts'
import type { Routes } from './api.ts'
import { appReference } from './app-shape.ts'
import { bodyOf, takes } from './body.ts'
import { Reference } from './pipeline-access.ts'
import type { Plane } from './plane.ts'
import { sendList } from './range.ts'

/**
 * Apps that change hands. The recipient must be a collaborator already, as on Heroku, and has agreed
 * to the app by that: there are no bills here that go with it. So a transfer is made at once.
 *
 * @see https://devcenter.heroku.com/articles/platform-api-reference#app-transfer
 */
export const appTransferRoutes: Routes = (api, plane) => {
  const { appTransfers } = plane.store

  api.get('/account/app-transfers', (request, reply) =>
    sendList(
      request,
      reply,
      appTransfers.ofAccount(accountOf(request).id).map((one) => transferShape(one, plane)),
    ),
  )
  api.post('/account/app-transfers', takes(NewTransfer), (request, reply) =>
    transfer(request, reply, plane),
  )
  api.get('/account/app-transfers/:transfer', (request) =>
    transferShape(transferOf(request, plane), plane),
  )
  api.patch('/account/app-transfers/:transfer', takes(TransferUpdate), (request) => {
    const found = transferOf(request, plane)
    const { state } = bodyOf(request, TransferUpdate)
    if (state === found.state) return transferShape(found, plane)
    throw problem('invalid_params', `That transfer is ${found.state} and stays so.`, {
      hint: 'To give the app back, transfer it again: heroku apps:transfer',
    })
  })
  api.delete('/account/app-transfers/:transfer', (request) => {
    const found = transferOf(request, plane)
    appTransfers.remove(found.id)
    return transferShape(found, plane)
  })
}

function transfer(request: FastifyRequest, reply: FastifyReply, plane: Plane) {
  const { store } = plane
  const owner = accountOf(request)
  const body = bodyOf(request, NewTransfer)
  const app = accessibleApp(request, body.app, store, 'manage')
  if (app.ownerId !== owner.id) {
    throw problem('forbidden', `Only the owner of ${app.name} may give it away.`)
  }
  const recipient = store.accounts.find(body.recipient)
  const people = store.collaborators.list(app.id)
  if (recipient === undefined || !people.some(({ accountId }) => accountId === recipient.id)) {
    throw problem('invalid_params', `${body.recipient} is not a collaborator of ${app.name}.`, {
      hint: `Add the person first: heroku access:add ${body.recipient} -a ${app.name}`,
    })
  }
  const made = store.transaction(() => {
    store.apps.update(app.id, { ownerId: recipient.id })
    store.collaborators.remove(app.id, recipient.id)
    store.collaborators.add(app.id, owner.id)
    return store.appTransfers.create({
      appId: app.id,
      ownerId: owner.id,
      recipientId: recipient.id,
      state: 'accepted',
    })
  })
  plane.logs.write(app.id, 'app', 'api', `Transferred to ${recipient.email} by user ${owner.email}`)
  return reply.code(201).send(transferShape(made, plane))
}

function transferOf(request: FastifyRequest, { store }: Plane): AppTransfer {
  const key = pathParam(request, 'transfer')
  const found = store.appTransfers
    .ofAccount(accountOf(request).id)
    .find(({ id, appId }) => id === key || store.apps.get(appId).name === key)
  if (found !== undefined) return found
  throw problem('not_found', `Couldn't find that app transfer.`, {
    details: { resource: 'app_transfer' },
  })
}

function transferShape(one: AppTransfer, { store }: Plane) {
  const person = (id: string) => ({ id, email: store.accounts.find(id)?.email ?? '' })
  return {
    id: one.id,
    app: appReference(store.apps.get(one.appId)),
    owner: person(one.ownerId),
    recipient: person(one.recipientId),
    state: one.state,
    created_at: one.createdAt,
    updated_at: one.updatedAt,
  }
}

const NewTransfer = z.strictObject({
  app: Reference,
  recipient: z
    .union([z.string(), z.strictObject({ email: z.string() })])
    .transform((given) => (typeof given === 'string' ? given : given.email)),
  /** No mail is sent in any case. */
  silent: z.boolean().nullish(),
})
const TransferUpdate = z.strictObject({ state: z.enum(['pending', 'accepted', 'declined']) })
