import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { attachmentNotFound } from '../addons/index.ts'
import { problem, type Attachment } from '../store/index.ts'
import { accessibleApp, accountOf, appOf } from './access.ts'
import { addonOf, appsMeant, attachmentShape } from './addon-shape.ts'
import { splitApp } from './addons.ts'
import type { Routes } from './api.ts'
import { bodyOf, takes } from './body.ts'
import type { Plane } from './plane.ts'
import { sendList } from './range.ts'

/** @see https://devcenter.heroku.com/articles/platform-api-reference#add-on-attachment */
export const addonAttachmentRoutes: Routes = (api, plane) => {
  api.get('/addon-attachments', (request, reply) => listMine(request, reply, plane))
  api.post('/addon-attachments', takes(NewAttachment), (request, reply) =>
    attach(request, reply, plane),
  )
  api.get('/addon-attachments/:attachment', (request) =>
    attachmentShape(attachmentOf(request, plane), plane, request),
  )
  api.delete('/addon-attachments/:attachment', (request) => detach(request, plane))
  api.get('/apps/:app/addon-attachments', (request, reply) => listOfApp(request, reply, plane))
  api.get('/apps/:app/addon-attachments/:attachment', (request) => ofAppNamed(request, plane))
  api.get('/addons/:addon/addon-attachments', (request, reply) =>
    listOfAddon(request, reply, plane),
  )
  api.post('/actions/addon-attachments/resolve', takes(Resolution), (request) =>
    resolve(request, plane),
  )
}

const shapesOf = (request: FastifyRequest, attachments: readonly Attachment[], plane: Plane) =>
  attachments.map((attachment) => attachmentShape(attachment, plane, request))

function listMine(request: FastifyRequest, reply: FastifyReply, plane: Plane) {
  const apps = appsMeant(request, plane, null)
  const mine = apps.flatMap(({ id }) => plane.store.attachments.ofApp(id))
  return sendList(request, reply, shapesOf(request, mine, plane))
}

function listOfApp(request: FastifyRequest, reply: FastifyReply, plane: Plane) {
  const { id } = appOf(request, plane.store)
  return sendList(request, reply, shapesOf(request, plane.store.attachments.ofApp(id), plane))
}

function listOfAddon(request: FastifyRequest, reply: FastifyReply, plane: Plane) {
  const key = pathParam(request, 'addon')
  const { id } = addonOf(request, plane, key)
  return sendList(request, reply, shapesOf(request, plane.store.attachments.ofAddon(id), plane))
}

function ofAppNamed(request: FastifyRequest, plane: Plane) {
  const app = appOf(request, plane.store)
  const key = pathParam(request, 'attachment')
  const [attachment, ...others] = plane.addons.matchAttachments(key, [app])
  if (attachment === undefined) throw attachmentNotFound()
  if (others.length > 0) throw ambiguous([attachment, ...others])
  return attachmentShape(attachment, plane, request)
}

function attach(request: FastifyRequest, reply: FastifyReply, plane: Plane) {
  const body = bodyOf(request, NewAttachment)
  const account = accountOf(request)
  const attachment = plane.addons.attach({
    app: accessibleApp(request, nameOf(body.app), plane.store),
    addon: addonOf(request, plane, nameOf(body.addon)),
    accountId: account.id,
    name: body.name ?? undefined,
    namespace: body.namespace ?? null,
    confirm: body.confirm ?? undefined,
  })
  return reply.code(201).send(attachmentShape(attachment, plane, request))
}

function detach(request: FastifyRequest, plane: Plane) {
  const attachment = attachmentOf(request, plane)
  const shape = attachmentShape(attachment, plane, request)
  plane.addons.detach(attachment, accountOf(request).id)
  return shape
}

function resolve(request: FastifyRequest, plane: Plane) {
  const body = bodyOf(request, Resolution)
  const { app, text } = splitApp(body.app, body.addon_attachment)
  const service = body.addon_service ?? null
  const found = plane.addons
    .matchAttachments(text, appsMeant(request, plane, app))
    .filter(
      ({ addonId }) => service === null || plane.store.addons.get(addonId).service === service,
    )
  if (found.length === 0) throw attachmentNotFound()
  return oneOfEqual(found).map((attachment) => ({
    ...attachmentShape(attachment, plane, request),
    namespace: promotableNamespace(attachment, plane),
  }))
}

/** Attachments of one add-on to one app lead to the same place: then the first says enough. */
function oneOfEqual(attachments: readonly Attachment[]): Attachment[] {
  const places = new Set(attachments.map((a) => `${a.appId} ${a.addonId} ${a.namespace ?? ''}`))
  if (places.size > 1) return [...attachments]
  return [attachments.find(({ name }) => name !== 'DATABASE') ?? attachments[0]].filter(
    (entry) => entry !== undefined,
  )
}

/**
 * `pg:promote` refuses a database that is `DATABASE` already, by comparing namespaces. Documents
 * promote the one that `addons:create` named by a color, which here is `DATABASE` from the start. An
 * empty namespace means the same as none to everything else.
 */
function promotableNamespace(attachment: Attachment, { store }: Plane): string | null {
  if (attachment.namespace !== null || attachment.name === 'DATABASE') return attachment.namespace
  const present = store.attachments
    .ofApp(attachment.appId)
    .find(({ name, namespace }) => name === 'DATABASE' && namespace === null)
  return present?.addonId === attachment.addonId ? '' : null
}

/** By id, of an app that the account may use. */
function attachmentOf(request: FastifyRequest, { store }: Plane): Attachment {
  const id = pathParam(request, 'attachment')
  const attachment = store.attachments.find(id)
  const apps = store.apps.ofAccount(accountOf(request).id)
  if (attachment === undefined || !apps.some((app) => app.id === attachment.appId)) {
    throw attachmentNotFound()
  }
  accessibleApp(request, attachment.appId, store)
  return attachment
}

function ambiguous(attachments: readonly Attachment[]) {
  const names = attachments.map(({ name }) => name).join(', ')
  return problem('multiple_matches', `Ambiguous identifier; multiple matching: ${names}.`)
}

const nameOf = (reference: string | { name?: string | undefined; id?: string | undefined }) =>
  typeof reference === 'string' ? reference : (reference.name ?? reference.id ?? '')

const Reference = z.union([
  z.string(),
  z.strictObject({ name: z.string().optional(), id: z.string().optional() }),
])
const NewAttachment = z.strictObject({
  addon: Reference,
  app: Reference,
  confirm: z.string().nullish(),
  name: z.string().nullish(),
  namespace: z.string().nullish(),
})
const Resolution = z.strictObject({
  addon_attachment: z.string(),
  app: z.string().nullish(),
  addon_service: z.string().nullish(),
})
