import { randomInt } from 'node:crypto'
import * as z from 'zod'
import { problem } from '../store/index.ts'
import { accountOf, appOf } from './access.ts'
import type { Routes } from './api.ts'
import { appShape, REGIONS } from './app-shape.ts'
import { bodyOf, takes, unsupported } from './body.ts'
import { truth } from './numeric.ts'
import type { Plane } from './plane.ts'
import { sendList } from './range.ts'

/** @see https://devcenter.heroku.com/articles/platform-api-reference#app */
export const appRoutes: Routes = (api, plane) => {
  const { store } = plane

  api.get('/apps', (request, reply) =>
    sendList(
      request,
      reply,
      store.apps.ofAccount(accountOf(request).id).map((app) => appShape(app, plane, request)),
    ),
  )
  api.get('/users/:user/apps', (request, reply) =>
    sendList(
      request,
      reply,
      store.apps.ofAccount(accountOf(request).id).map((app) => appShape(app, plane, request)),
    ),
  )
  api.post('/filters/apps', takes(AppFilter), (request) => {
    const wanted = new Set(bodyOf(request, AppFilter).in?.id ?? [])
    return store.apps
      .ofAccount(accountOf(request).id)
      .filter((app) => wanted.has(app.id))
      .map((app) => appShape(app, plane, request))
  })

  api.post('/apps', takes(NewApp), async (request, reply) => {
    const body = bodyOf(request, NewApp)
    const app = createApp(plane, accountOf(request).id, body.name ?? undefined, placeOf(body))
    await plane.route()
    return reply.code(201).send(appShape(app, plane, request))
  })
  api.get('/apps/:app', (request) => appShape(appOf(request, store), plane, request))
  api.patch('/apps/:app', takes(AppUpdate), async (request) => {
    const app = appOf(request, store)
    const body = bodyOf(request, AppUpdate)
    // The name is the app's address, and that of its repository.
    if (body.name !== undefined) appOf(request, store, 'manage')
    const changed = store.transaction(() => {
      if (body.name !== undefined && body.name !== app.name) checkName(plane, body.name)
      if (body.build_stack !== undefined) checkStack(nameOf(body.build_stack))
      return store.apps.update(app.id, {
        ...(body.name !== undefined && { name: body.name }),
        ...(body.maintenance !== undefined && { maintenance: body.maintenance }),
        ...(body.build_stack !== undefined && { stack: nameOf(body.build_stack) }),
      })
    })
    if (body.maintenance !== undefined && body.maintenance !== app.maintenance) {
      const word = body.maintenance ? 'on' : 'off'
      const email = accountOf(request).email
      plane.logs.write(app.id, 'app', 'api', `Maintenance mode ${word} by user ${email}`)
    }
    await plane.route()
    return appShape(changed, plane, request)
  })
  api.delete('/apps/:app', async (request) => {
    const app = appOf(request, store)
    const shape = appShape(app, plane, request)
    await destroyApp(plane, app.id)
    return shape
  })
}

/**
 * Makes an app with its first two releases, as Heroku numbers them.
 *
 * @param name undefined for a name of our own making
 * @throws Problem `invalid_params` if the name is taken or not valid
 */
export function createApp(
  plane: Plane,
  accountId: string,
  name?: string,
  more: Readonly<{ stack?: string; region?: string }> = {},
) {
  const { store, releases } = plane
  return store.transaction(() => {
    const chosen = name ?? freeName(plane)
    checkName(plane, chosen)
    const app = store.apps.create(chosen, accountId, more)
    for (const description of ['Initial release', 'Enable Logplex']) {
      releases.create({ appId: app.id, accountId, description, releasePhase: false })
    }
    return store.apps.get(app.id)
  })
}

/** Takes an app away with all that belongs to it; the record goes last, so that a crash can be repaired. */
async function destroyApp(plane: Plane, appId: string): Promise<void> {
  await plane.dynos.remove(appId)
  await plane.addons.remove(appId)
  await plane.builds.remove(appId)
  await plane.logs.remove(appId)
  plane.store.apps.remove(appId)
  await plane.route()
}

type Place = Readonly<{
  stack?: z.infer<typeof PlaceReference> | null | undefined
  region?: z.infer<typeof PlaceReference> | null | undefined
}>

/**
 * Stack and region that a body asks for, checked.
 *
 * @throws Problem `invalid_params`
 */
export const placeOf = ({ stack, region }: Place): { stack?: string; region?: string } => ({
  ...(stack != null && { stack: checkStack(nameOf(stack)) }),
  ...(region != null && { region: checkRegion(nameOf(region)) }),
})

function checkName({ store }: Plane, name: string): void {
  if (!/^[a-z](?:[a-z0-9-]{1,28}[a-z0-9])$/.test(name)) {
    throw problem(
      'invalid_params',
      `The name "${name}" is not valid: it must start with a letter, end with a letter or digit, ` +
        `have 3 to 30 characters, and only lowercase letters, digits and dashes.`,
    )
  }
  if (store.apps.find(name) !== undefined) {
    throw problem('invalid_params', `Name ${name} is already taken`)
  }
}

/** @throws Problem `invalid_params` */
export function checkStack(stack: string): string {
  if (STACKS.includes(stack)) return stack
  throw problem('invalid_params', `There is no stack "${stack}".`, {
    hint: `Choose one of: ${STACKS.join(', ')}`,
  })
}

/** By name or id. @returns the name */
function checkRegion(wanted: string): string {
  const region = REGIONS.find(({ id, name }) => id === wanted || name === wanted)
  if (region !== undefined) return region.name
  throw problem('invalid_params', `There is no region "${wanted}".`, {
    hint: 'Leave the region out: apps run on the machine that hokku runs on.',
  })
}

/** All of them are the machine's own system; the names keep old scripts going. */
export const STACKS: readonly string[] = ['heroku-24', 'heroku-22', 'heroku-20', 'container']

function freeName({ store }: Plane): string {
  while (true) {
    const name = `${pick(ADJECTIVES)}-${pick(NOUNS)}-${randomInt(10_000, 100_000)}`
    if (store.apps.find(name) === undefined) return name
  }
}

const pick = (words: readonly string[]): string => words[randomInt(words.length)] ?? ''
const ADJECTIVES =
  'autumn calm clear dry early first frosty gentle green hidden late light long misty morning old quiet rainy short silent slow small snowy soft spring still summer thin warm white winter young'.split(
    ' ',
  )
const NOUNS =
  'bamboo bell bridge brook cherry cicada cloud crane cricket dew field fire firefly fog frog garden gate grass harbor heron hill lantern leaf maple moon moss mountain path pine plum pond rain reed river road sea shade snow sparrow star stone storm sun temple tide valley wave willow wind'.split(
    ' ',
  )

const nameOf = (reference: z.infer<typeof PlaceReference>): string =>
  typeof reference === 'string' ? reference : (reference.name ?? reference.id ?? '')

export const PlaceReference = z.union([
  z.string(),
  z.strictObject({ name: z.string().optional(), id: z.string().optional() }),
])
const NewApp = z.strictObject({
  name: z.string().nullish(),
  stack: PlaceReference.nullish(),
  region: PlaceReference.nullish(),
  feature_flags: unsupported('hokku has no such features: leave it out'),
  internal_routing: unsupported('hokku has no private spaces: leave it out'),
  kernel: unsupported('hokku has no kernels to choose: leave it out'),
  locked: unsupported('hokku does not lock apps: leave it out'),
  personal: unsupported('hokku has no teams, every app is personal: leave it out'),
  space: unsupported('hokku has no private spaces: leave it out'),
  team: unsupported('hokku has no teams: share the app with heroku access:add'),
})
const AppUpdate = z.strictObject({
  name: z.string().optional(),
  maintenance: truth.optional(),
  build_stack: PlaceReference.optional(),
  locked: unsupported('hokku does not lock apps: use heroku maintenance:on'),
})
const AppFilter = z.strictObject({ in: z.strictObject({ id: z.array(z.string()) }).optional() })
