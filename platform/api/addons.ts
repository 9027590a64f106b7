import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { addonNotFound, type Service } from '../addons/index.ts'
import { problem, renderConfig, type Addon } from '../store/index.ts'
import { accountOf, appOf } from './access.ts'
import { addonOf, addonShape, appsMeant, planShape, serviceShape } from './addon-shape.ts'
import type { Routes } from './api.ts'
import { bodyOf, takes } from './body.ts'
import { truth } from './numeric.ts'
import type { Plane } from './plane.ts'
import { sendList } from './range.ts'

/** @see https://devcenter.heroku.com/articles/platform-api-reference#add-on */
export const addonRoutes: Routes = (api, plane) => {
  api.get('/addons', (request, reply) => listMine(request, reply, plane))
  api.get('/addons/:addon', (request) => addonShape(addonNamed(request, plane), plane))
  api.get('/addons/:addon/config', (request) => addonConfig(request, plane))
  api.get('/addons/:addon/config/:namespace', (request) => namespaceConfig(request, plane))
  api.get('/users/:user/addons', (request, reply) => listMine(request, reply, plane))
  refusePartners(api, plane)
  api.get('/apps/:app/addons', (request, reply) => listOfApp(request, reply, plane))
  api.post('/apps/:app/addons', takes(NewAddon), (request, reply) => create(request, reply, plane))
  api.get('/apps/:app/addons/:addon', (request) => addonShape(ownedBy(request, plane), plane))
  api.patch('/apps/:app/addons/:addon', takes(AddonUpdate), (request) => update(request, plane))
  api.delete('/apps/:app/addons/:addon', takes(Removal), (request) => destroy(request, plane))
  api.post('/actions/addons/resolve', takes(Resolution), (request) => resolve(request, plane))
  addonServiceRoutes(api, plane)
}

/** What only the makers of add-ons do, with the add-on's own password. */
const refusePartners: Routes = (api, plane) => {
  const refuse = (request: FastifyRequest): never => {
    addonNamed(request, plane)
    throw problem(
      'invalid_params',
      'hokku itself provides its add-ons: no one else sets them up.',
      {
        hint: 'Change an add-on with heroku addons:upgrade; add a drain with heroku drains:add',
      },
    )
  }
  api.patch('/addons/:addon/config', takes(z.unknown()), refuse)
  api.put('/addons/:addon/log-drains/:drain', takes(z.unknown()), refuse)
  api.get('/addons/:addon/log-drains', (request) => {
    addonNamed(request, plane)
    return []
  })
}

/** @see https://devcenter.heroku.com/articles/platform-api-reference#add-on-service */
const addonServiceRoutes: Routes = (api, { addons: { catalogue } }) => {
  const serviceOf = (request: FastifyRequest): Service => {
    const service = pathParam(request, 'service')
    return catalogue.service(service).service
  }
  api.get('/addon-services', (request, reply) => {
    const services = catalogue.providers.map(({ service }) => serviceShape(service))
    return sendList(request, reply, services)
  })
  api.get('/addon-services/:service', (request) => serviceShape(serviceOf(request)))
  api.get('/addon-services/:service/plans', (request, reply) => {
    const service = serviceOf(request)
    const plans = service.plans.map((plan) => planShape(plan, service))
    return sendList(request, reply, plans)
  })
  api.get('/addon-services/:service/plans/:plan', (request) => {
    const plan = pathParam(request, 'plan')
    return planNamed(plan, [serviceOf(request)])
  })
  api.get('/plans/:plan', (request) => {
    const plan = pathParam(request, 'plan')
    return planNamed(
      plan,
      catalogue.providers.map(({ service }) => service),
    )
  })
}

/** By id, or by its name with or without the service. @throws Problem `not_found` */
function planNamed(key: string, services: readonly Service[]) {
  const all = services.flatMap((service) =>
    service.plans.map((plan) => ({ short: plan.name, shape: planShape(plan, service) })),
  )
  const found = all.find(
    ({ short, shape }) =>
      key === shape.id || key === shape.name || (services.length === 1 && key === short),
  )
  if (found !== undefined) return found.shape
  throw problem('not_found', `Couldn't find that plan.`, { details: { resource: 'plan' } })
}

const addonNamed = (request: FastifyRequest, plane: Plane): Addon => {
  const addon = pathParam(request, 'addon')
  return addonOf(request, plane, addon)
}

/** The add-on in a path below its owning app, by id or name. */
function ownedBy(request: FastifyRequest, { store, addons }: Plane): Addon {
  const app = appOf(request, store)
  const key = pathParam(request, 'addon')
  const addon = addons.matchAddons(key, [app]).find(({ appId }) => appId === app.id)
  if (addon === undefined) throw addonNotFound()
  return addon
}

function listMine(request: FastifyRequest, reply: FastifyReply, plane: Plane) {
  const apps = appsMeant(request, plane, null)
  const mine = apps.flatMap(({ id }) => plane.store.addons.ofApp(id))
  const shapes = mine.map((addon) => addonShape(addon, plane))
  return sendList(request, reply, shapes)
}

/** Its own add-ons, then those of other apps that are attached. */
function listOfApp(request: FastifyRequest, reply: FastifyReply, plane: Plane) {
  const { store } = plane
  const { id } = appOf(request, store)
  const attached = store.attachments.ofApp(id).map(({ addonId }) => addonId)
  const ids = new Set([...store.addons.ofApp(id).map((addon) => addon.id), ...attached])
  const shapes = [...ids].map((addonId) => addonShape(store.addons.get(addonId), plane))
  return sendList(request, reply, shapes)
}

/** The vars that the add-on sets in its own app. */
function addonConfig(request: FastifyRequest, plane: Plane) {
  const { store, addons } = plane
  const addon = addonNamed(request, plane)
  const ids = new Set(
    store.attachments
      .ofAddon(addon.id)
      .filter(({ appId }) => appId === addon.appId)
      .map(({ id }) => id),
  )
  const vars = addon.appId === null ? [] : store.configVars.list(addon.appId)
  const values = renderConfig(vars, addons.endpoints())
  return vars
    .filter(({ attachmentId }) => attachmentId !== null && ids.has(attachmentId))
    .map(({ name }) => ({ name, value: values[name] ?? null }))
}

/** The CLI asks whether a credential exists before it attaches it. */
function namespaceConfig(request: FastifyRequest, plane: Plane) {
  const { store, addons } = plane
  const namespace = pathParam(request, 'namespace')
  const addon = addonNamed(request, plane)
  const provider = addons.catalogue.service(addon.service)
  const known = provider.namespaces(store.addons.resource(addon.id)).includes(namespace)
  return known ? [{ name: 'URL', namespace }] : []
}

async function create(request: FastifyRequest, reply: FastifyReply, plane: Plane) {
  const app = appOf(request, plane.store)
  const body = bodyOf(request, NewAddon)
  const addon = await plane.addons.create({
    app,
    accountId: accountOf(request).id,
    plan: planNameOf(body.plan),
    name: body.name ?? undefined,
    attachmentName: body.attachment?.name ?? undefined,
    options: body.config ?? {},
    confirm: body.confirm ?? undefined,
  })
  return reply.code(201).send(addonShape(addon, plane))
}

async function update(request: FastifyRequest, plane: Plane) {
  const { addons } = plane
  const addon = ownedBy(request, plane)
  const { name, plan } = bodyOf(request, AddonUpdate)
  const renamed = name === undefined ? addon : addons.rename(addon, name)
  if (plan === undefined) return addonShape(renamed, plane)
  const planName = planNameOf(plan)
  const full = planName.includes(':') ? planName : `${addon.service}:${planName}`
  return addonShape(await addons.changePlan(renamed, accountOf(request).id, full), plane)
}

async function destroy(request: FastifyRequest, plane: Plane) {
  const addon = ownedBy(request, plane)
  const shape = addonShape(addon, plane)
  const force = bodyOf(request, Removal).force ?? false
  const { state } = await plane.addons.destroy(addon, accountOf(request).id, force)
  return { ...shape, state }
}

function resolve(request: FastifyRequest, plane: Plane) {
  const body = bodyOf(request, Resolution)
  const { app, text } = splitApp(body.app, body.addon)
  const found = plane.addons
    .matchAddons(text, appsMeant(request, plane, app))
    .filter(({ service }) => body.addon_service == null || service === body.addon_service)
  if (found.length === 0) throw addonNotFound()
  return found.map((addon) => addonShape(addon, plane))
}

const planNameOf = (plan: z.infer<typeof Named>): string =>
  typeof plan === 'string' ? plan : plan.name

/** `app::name` names its own app, even if another was given. */
export function splitApp(
  app: string | null | undefined,
  text: string,
): { app: string | null; text: string } {
  const match = /^(.+?)::(.+)$/.exec(text)
  const [, itsApp = null, rest = text] = match ?? []
  return { app: itsApp ?? app ?? null, text: rest }
}

const Named = z.union([z.string(), z.strictObject({ name: z.string() })])
const NewAddon = z.strictObject({
  plan: Named,
  name: z.string().nullish(),
  attachment: z.strictObject({ name: z.string().nullish() }).nullish(),
  config: z
    .record(
      z.string(),
      z.union([z.string(), z.boolean(), z.number().transform((value) => String(value))]),
    )
    .nullish(),
  confirm: z.string().nullish(),
})
const AddonUpdate = z.strictObject({ name: z.string().optional(), plan: Named.optional() })
const Removal = z.strictObject({ force: truth.nullish() })
const Resolution = z.strictObject({
  addon: z.string(),
  app: z.string().nullish(),
  addon_service: z.string().nullish(),
})
