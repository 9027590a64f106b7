import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { pathParam, queryParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import {
  newSecret,
  problem,
  type App,
  type Webhook,
  type WebhookDelivery,
  type WebhookEvent,
} from '../../store/index.ts'
import { appOf } from '../access.ts'
import type { Routes } from '../api.ts'
import { appReference } from '../app-shape.ts'
import { bodyOf, takes } from '../body.ts'
import type { Plane } from '../plane.ts'
import { sendList } from '../range.ts'
import { entities } from './entities.ts'

/** @see https://devcenter.heroku.com/articles/platform-api-reference#app-webhook */
export const webhookRoutes: Routes = (api, plane) => {
  const { webhooks } = plane.store

  api.get('/apps/:app/webhooks', (request, reply) => {
    const app = appOf(request, plane.store)
    return sendList(
      request,
      reply,
      webhooks.ofApp(app.id).map((webhook) => webhookShape(webhook, app)),
    )
  })
  api.post('/apps/:app/webhooks', takes(NewWebhook), (request, reply) =>
    create(request, reply, plane),
  )
  api.get('/apps/:app/webhooks/:webhook', (request) => {
    const { app, webhook } = webhookOf(request, plane)
    return webhookShape(webhook, app)
  })
  api.patch('/apps/:app/webhooks/:webhook', takes(WebhookUpdate), (request) => {
    const { app, webhook } = webhookOf(request, plane)
    const { secret, authorization, ...body } = bodyOf(request, WebhookUpdate)
    const changed = webhooks.update(webhook, {
      ...(body.include !== undefined && { include: body.include }),
      ...(body.level !== undefined && { level: body.level }),
      ...(body.url !== undefined && { url: body.url }),
      ...(secret != null && { secret }),
      ...(authorization !== undefined && { authorization }),
    })
    return webhookShape(changed, app)
  })
  api.delete('/apps/:app/webhooks/:webhook', (request) => {
    const { app, webhook } = webhookOf(request, plane)
    webhooks.remove(webhook.id)
    return webhookShape(webhook, app)
  })
  historyRoutes(api, plane)
}

const historyRoutes: Routes = (api, plane) => {
  const { webhooks } = plane.store
  api.get('/apps/:app/webhook-deliveries', (request, reply) => {
    const app = appOf(request, plane.store)
    const status = queryParam(request, 'eq[status]')
    const shapes = webhooks.deliveries
      .ofApp(app.id)
      .filter((delivery) => status === undefined || delivery.status === status)
      .map((delivery) => deliveryShape(delivery, plane))
    return sendList(request, reply, shapes)
  })
  api.get('/apps/:app/webhook-deliveries/:delivery', (request) => {
    const app = appOf(request, plane.store)
    const id = pathParam(request, 'delivery')
    const delivery = webhooks.deliveries.ofApp(app.id).find((one) => one.id === id)
    if (delivery === undefined) throw notFound('webhook delivery')
    return deliveryShape(delivery, plane)
  })
  api.get('/apps/:app/webhook-events', (request, reply) => {
    const app = appOf(request, plane.store)
    return sendList(request, reply, webhooks.events.ofApp(app.id).map(eventShape))
  })
  api.get('/apps/:app/webhook-events/:event', (request) => {
    const app = appOf(request, plane.store)
    const id = pathParam(request, 'event')
    const event = webhooks.events.find(id)
    if (event?.appId !== app.id) throw notFound('webhook event')
    return eventShape(event)
  })
}

function create(request: FastifyRequest, reply: FastifyReply, plane: Plane) {
  const { store } = plane
  const app = appOf(request, store)
  const body = bodyOf(request, NewWebhook)
  const secret = body.secret ?? newSecret()
  const webhook = store.transaction(() => {
    if (store.webhooks.ofApp(app.id).length >= WEBHOOKS_MAX) {
      throw problem('invalid_params', `${app.name} has ${WEBHOOKS_MAX} webhooks already.`, {
        hint: 'Remove one with: heroku webhooks:remove',
      })
    }
    return store.webhooks.create(app.id, {
      url: body.url,
      level: body.level,
      include: body.include,
      secret,
      authorization: body.authorization ?? null,
    })
  })
  return reply.code(201).header('heroku-webhook-secret', secret).send(webhookShape(webhook, app))
}

/** Each event is written once for each of them. */
const WEBHOOKS_MAX = 20

function webhookOf(request: FastifyRequest, plane: Plane): { app: App; webhook: Webhook } {
  const app = appOf(request, plane.store)
  const id = pathParam(request, 'webhook')
  const webhook = plane.store.webhooks.find(id)
  if (webhook?.appId !== app.id) throw notFound('webhook')
  return { app, webhook }
}

const notFound = (what: string) =>
  problem('not_found', `Couldn't find that ${what}.`, {
    details: { resource: what.replace(' ', '_') },
  })

const webhookShape = (webhook: Webhook, app: App) => ({
  id: webhook.id,
  app: appReference(app),
  url: webhook.url,
  level: webhook.level,
  include: webhook.include,
  created_at: webhook.createdAt,
  updated_at: webhook.updatedAt,
})

function deliveryShape(delivery: WebhookDelivery, { store }: Plane) {
  const { lastAttempt } = delivery
  const webhook = store.webhooks.find(delivery.webhookId)
  return {
    id: delivery.id,
    seq: delivery.seq,
    event: {
      id: delivery.eventId,
      include: store.webhooks.events.find(delivery.eventId)?.include ?? '',
    },
    webhook: { id: delivery.webhookId, level: webhook?.level ?? 'notify' },
    status: delivery.status,
    num_attempts: delivery.attempts,
    next_attempt_at: delivery.nextAttemptAt,
    last_attempt:
      lastAttempt === null
        ? null
        : {
            id: lastAttempt.id,
            code: lastAttempt.code,
            error_class: lastAttempt.error,
            status: lastAttempt.error === null ? 'succeeded' : 'failed',
            created_at: lastAttempt.at,
            updated_at: lastAttempt.at,
          },
    created_at: delivery.createdAt,
    updated_at: delivery.updatedAt,
  }
}

const eventShape = (event: WebhookEvent) => ({
  id: event.id,
  include: event.include,
  payload: event.payload,
  created_at: event.createdAt,
  updated_at: event.updatedAt,
})

const WEBHOOK_FIELDS = {
  include: z.array(z.enum(entities)).min(1),
  level: z.enum(['notify', 'sync']),
  url: z.url({ protocol: /^https?$/, error: 'is not an http or https address' }).max(2048),
  secret: z.string().max(1024).nullish(),
  authorization: z.string().max(4096).nullish(),
}
const NewWebhook = z.strictObject(WEBHOOK_FIELDS)
const WebhookUpdate = z.strictObject(WEBHOOK_FIELDS).partial()
