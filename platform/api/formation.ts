import type { FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { findSize } from '../dynos/index.ts'
import { problem, type App, type Formation } from '../store/index.ts'
import { accountOf, appOf } from './access.ts'
import type { Routes } from './api.ts'
import { appReference } from './app-shape.ts'
import { bodyOf, takes, unsupported } from './body.ts'
import type { Plane } from './plane.ts'
import { resolveQuantity } from './quantity.ts'
import { sendList } from './range.ts'

/** @see https://devcenter.heroku.com/articles/platform-api-reference#formation */
export const formationRoutes: Routes = (api, plane) => {
  const { store } = plane

  api.get('/apps/:app/formation', (request, reply) => {
    const app = appOf(request, store)
    return sendList(request, reply, shapes(store.formations.list(app.id), app))
  })
  api.get('/apps/:app/formation/:type', (request) => {
    const app = appOf(request, store)
    return formationShape(entryOf(plane, app, typeOf(request)), app)
  })
  api.patch('/apps/:app/formation', takes(FormationUpdates), async (request) => {
    const app = appOf(request, store)
    const { updates } = bodyOf(request, FormationUpdates)
    return shapes(await scale(plane, app, updates, accountOf(request).email), app)
  })
  api.patch('/apps/:app/formation/:type', takes(FormationUpdate), async (request) => {
    const app = appOf(request, store)
    const update = { ...bodyOf(request, FormationUpdate), type: typeOf(request) }
    const [changed] = await scale(plane, app, [update], accountOf(request).email)
    return formationShape(changed ?? entryOf(plane, app, update.type), app)
  })
}

const typeOf = (request: FastifyRequest): string => pathParam(request, 'type')

/** Changes all entries or none, then brings the dynos in line. @returns the changed entries */
async function scale(
  plane: Plane,
  app: App,
  updates: readonly (z.infer<typeof FormationUpdate> & { type: string })[],
  email: string,
): Promise<Formation[]> {
  const { store, dynos, logs } = plane
  const changed = store.transaction(() =>
    updates.map(({ type, quantity, size }) => {
      const entry = entryOf(plane, app, type)
      const next = {
        ...entry,
        quantity: quantity == null ? entry.quantity : quantityOf(entry, quantity),
        size: size == null ? entry.size : sizeOf(size),
      }
      store.formations.set(app.id, next)
      return store.formations.find(app.id, type) ?? next
    }),
  )
  const all = changed.map(({ type, quantity, size }) => `${type}@${quantity}:${size}`)
  logs.write(app.id, 'app', 'api', `Scaled to ${all.join(' ')} by user ${email}`)
  await dynos.reconcile(app.id)
  return changed
}

/** @throws Problem `not_found` */
function entryOf({ store }: Plane, app: App, type: string): Formation {
  const entry = store.formations.find(app.id, type)
  if (entry === undefined) {
    throw problem('not_found', `Couldn't find that process type (${type}).`, {
      hint: `${app.name} has: ${
        store.formations
          .list(app.id)
          .map((one) => one.type)
          .join(', ') || 'none yet, deploy first'
      }`,
      details: { resource: 'formation' },
    })
  }
  return entry
}

/** @throws Problem `invalid_params`, `dyno_limit` */
function quantityOf({ type, quantity: current }: Formation, wanted: number | string): number {
  const quantity = resolveQuantity(wanted, current)
  if (quantity === undefined) {
    throw problem('invalid_params', `${wanted} is not a number of dynos, such as 2, +1 or -1.`)
  }
  if (type === 'release' && quantity > 0) {
    throw problem('invalid_params', 'The release process runs by itself at each release.')
  }
  if (quantity > DYNOS_MAX) {
    throw problem('dyno_limit', `${type} cannot have ${quantity} dynos: ${DYNOS_MAX} is the limit.`)
  }
  return quantity
}

/** Of one process type, as on Heroku. */
const DYNOS_MAX = 100

/** @throws Problem `invalid_params` */
export function sizeOf(name: string): string {
  const size = findSize(name)
  if (size === undefined) {
    throw problem('invalid_params', `There is no dyno size ${name}.`, {
      hint: 'Sizes: Eco, Basic, Standard-1X, Standard-2X, Performance-M, Performance-L …',
    })
  }
  return size.name
}

const shapes = (formations: readonly Formation[], app: App) =>
  formations.map((entry) => formationShape(entry, app))

const formationShape = (entry: Formation, app: App) => ({
  id: entry.id,
  app: appReference(app),
  type: entry.type,
  command: entry.command,
  quantity: entry.quantity,
  size: entry.size,
  created_at: entry.createdAt,
  updated_at: entry.updatedAt,
})

const FormationUpdate = z.strictObject({
  quantity: z.union([z.int(), z.string()]).nullish(),
  // Some clients send the size as an object, as the API shows it elsewhere.
  size: z
    .union([
      z.string(),
      z.strictObject({ name: z.string(), id: z.string().optional() }).transform(({ name }) => name),
    ])
    .nullish(),
  docker_image: unsupported('hokku runs no images: deploy with git push'),
})

const FormationUpdates = z.strictObject({
  updates: z.array(FormationUpdate.extend({ type: z.string().max(64) })).max(100),
})
