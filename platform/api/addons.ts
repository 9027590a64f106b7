import type { FastifyRequest } from '@hokku/kit/http'
import * as z from 'zod'
import { addonNotFound } from '../addons/index.ts'
import type { Addon } from '../store/index.ts'
import { accountOf, appOf } from './access.ts'
import { addonOf, addonShape, appsMeant, planShape, serviceShape } from './addon-shape.ts'
import type { Routes } from './api.ts'
import { bodyOf } from './body.ts'
import { sendList } from './range.ts'

/** @see https://devcenter.heroku.com/articles/platform-api-reference#add-on */
export const addonRoutes: Routes = (api, plane) => {
  const { store, addons } = plane
  /** The add-on in a path below its owning app, by id or name. */
  const ownedBy = (request: FastifyRequest): Addon => {
    const app = appOf(request, store)
    const { addon: key } = request.params as { addon: string }
    const found = addons.matchAddons(key, [app]).filter(({ appId }) => appId === app.id)
    const [addon] = found
    if (addon === undefined) throw addonNotFound()
    return addon
  }

  api.get('/addons', (request, reply) => {
    const mine = appsMeant(request, plane, null).flatMap(({ id }) => store.addons.ofApp(id))
    return sendList(
      request,
      reply,
      mine.map((addon) => addonShape(addon, plane)),
    )
  })
  api.get('/addons/:addon', (request) => {
    const { addon } = request.params as { addon: string }
    return addonShape(addonOf(request, plane, addon), plane)
  })
  // The CLI asks whether a credential exists before it attaches it.
  api.get('/addons/:addon/config/:namespace', (request) => {
    const { addon: key, namespace } = request.params as { addon: string; namespace: string }
    const addon = addonOf(request, plane, key)
    const provider = addons.catalogue.service(addon.service)
    const known = provider.namespaces(store.addons.resource(addon.id)).includes(namespace)
    return known ? [{ name: 'URL', namespace }] : []
  })
  api.get('/apps/:app/addons', (request, reply) => {
    const { id } = appOf(request, store)
    const attached = store.attachments.ofApp(id).map(({ addonId }) => addonId)
    const ids = new Set([...store.addons.ofApp(id).map((addon) => addon.id), ...attached])
    return sendList(
      request,
      reply,
      [...ids].map((addonId) => addonShape(store.addons.get(addonId), plane)),
    )
  })
  api.post('/apps/:app/addons', async (request, reply) => {
    const app = appOf(request, store)
    const body = bodyOf(request, NewAddon)
    const addon = await addons.create({
      app,
      accountId: accountOf(request).id,
      plan: typeof body.plan === 'string' ? body.plan : body.plan.name,
      name: body.name ?? undefined,
      attachmentName: body.attachment?.name ?? undefined,
      options: body.config ?? {},
      confirm: body.confirm ?? undefined,
    })
    return reply.code(201).send(addonShape(addon, plane))
  })
  api.get('/apps/:app/addons/:addon', (request) => addonShape(ownedBy(request), plane))
  api.patch('/apps/:app/addons/:addon', async (request) => {
    const addon = ownedBy(request)
    const { name, plan } = bodyOf(request, AddonUpdate)
    const renamed = name === undefined ? addon : addons.rename(addon, name)
    if (plan === undefined) return addonShape(renamed, plane)
    const planName = typeof plan === 'string' ? plan : plan.name
    const full = planName.includes(':') ? planName : `${addon.service}:${planName}`
    return addonShape(await addons.changePlan(renamed, accountOf(request).id, full), plane)
  })
  api.delete('/apps/:app/addons/:addon', async (request) => {
    const addon = ownedBy(request)
    const shape = addonShape(addon, plane)
    const force = bodyOf(request, Removal).force ?? false
    const { state } = await addons.destroy(addon, accountOf(request).id, force)
    return { ...shape, state }
  })

  api.post('/actions/addons/resolve', (request) => {
    const body = bodyOf(request, Resolution)
    const { app, text } = splitApp(body.app, body.addon)
    const found = addons
      .matchAddons(text, appsMeant(request, plane, app))
      .filter(({ service }) => body.addon_service == null || service === body.addon_service)
    if (found.length === 0) throw addonNotFound()
    return found.map((addon) => addonShape(addon, plane))
  })

  api.get('/addon-services', (request, reply) =>
    sendList(
      request,
      reply,
      addons.catalogue.providers.map(({ service }) => serviceShape(service)),
    ),
  )
  api.get('/addon-services/:service', (request) => {
    const { service } = request.params as { service: string }
    return serviceShape(addons.catalogue.service(service).service)
  })
  api.get('/addon-services/:service/plans', (request, reply) => {
    const { service: name } = request.params as { service: string }
    const { service } = addons.catalogue.service(name)
    return reply.send(service.plans.map((plan) => planShape(plan, service)))
  })
}

/** `app::name` names an app of its own, whatever else was given. */
export function splitApp(
  app: string | null | undefined,
  text: string,
): { app: string | null; text: string } {
  const match = /^(.+?)::(.+)$/.exec(text)
  const [, itsApp = null, rest = text] = match ?? []
  return { app: itsApp ?? app ?? null, text: rest }
}

const Named = z.union([z.string(), z.object({ name: z.string() })])
const NewAddon = z.object({
  plan: Named,
  name: z.string().nullish(),
  attachment: z.object({ name: z.string().nullish() }).nullish(),
  config: z
    .record(
      z.string(),
      z.union([z.string(), z.boolean(), z.number().transform((value) => String(value))]),
    )
    .nullish(),
  confirm: z.string().nullish(),
})
const AddonUpdate = z.object({ name: z.string().optional(), plan: Named.optional() })
const Removal = z.object({ force: z.boolean().nullish() })
const Resolution = z.object({
  addon: z.string(),
  app: z.string().nullish(),
  addon_service: z.string().nullish(),
})
