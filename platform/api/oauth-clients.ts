import type { FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { problem, type OauthClient } from '../store/index.ts'
import { accountOf } from './access.ts'
import type { Routes } from './api.ts'
import { bodyOf, takes } from './body.ts'
import type { Plane } from './plane.ts'
import { sendList } from './range.ts'

/** @see https://devcenter.heroku.com/articles/platform-api-reference#oauth-client */
export const oauthClientRoutes: Routes = (api, plane) => {
  const clients = plane.store.oauthClients

  api.get('/oauth/clients', (request, reply) =>
    sendList(
      request,
      reply,
      clients.ofAccount(accountOf(request).id).map((client) => clientShape(client, plane)),
    ),
  )
  api.post('/oauth/clients', takes(NewClient), (request, reply) => {
    const { id: accountId } = accountOf(request)
    const { name, redirect_uri: redirectUri } = bodyOf(request, NewClient)
    if (clients.ofAccount(accountId).length >= CLIENTS_MAX) {
      throw problem('invalid_params', `There are ${CLIENTS_MAX} OAuth clients already.`, {
        hint: 'Remove one with: heroku clients:destroy ID',
      })
    }
    const client = clients.create({ accountId, name, redirectUri })
    return reply.code(201).send(clientShape(client, plane))
  })
  api.get('/oauth/clients/:client', (request) => clientShape(clientOf(request, plane), plane))
  api.patch('/oauth/clients/:client', takes(ClientUpdate), (request) => {
    const { id } = clientOf(request, plane)
    const { name, redirect_uri: redirectUri } = bodyOf(request, ClientUpdate)
    const changed = clients.update(id, {
      ...(name !== undefined && { name }),
      ...(redirectUri !== undefined && { redirectUri }),
    })
    return clientShape(changed, plane)
  })
  api.delete('/oauth/clients/:client', (request) => {
    const client = clientOf(request, plane)
    const shape = clientShape(client, plane)
    clients.remove(client.id)
    return shape
  })
  api.post('/oauth/clients/:client/actions/rotate-credentials', (request) =>
    clientShape(clients.rotate(clientOf(request, plane).id), plane),
  )
}

const CLIENTS_MAX = 100

function clientOf(request: FastifyRequest, { store }: Plane): OauthClient {
  const id = pathParam(request, 'client')
  const client = store.oauthClients.find(id)
  if (client?.accountId === accountOf(request).id) return client
  throw problem('not_found', `Couldn't find that OAuth client.`, {
    details: { resource: 'oauth_client' },
  })
}

const clientShape = (client: OauthClient, { store }: Plane) => ({
  id: client.id,
  name: client.name,
  redirect_uri: client.redirectUri,
  secret: store.oauthClients.secret(client.id),
  ignores_delinquent: false,
  created_at: client.createdAt,
  updated_at: client.updatedAt,
})

const CLIENT_FIELDS = {
  name: z.string().min(1).max(255),
  redirect_uri: z.url({ protocol: /^https?$/, error: 'is not an http or https address' }).max(2048),
}
const NewClient = z.strictObject(CLIENT_FIELDS)
const ClientUpdate = z.strictObject(CLIENT_FIELDS).partial()
