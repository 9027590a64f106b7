import type { FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import type { Dyno } from '../dynos/index.ts'
import { problem, type App, type Release } from '../store/index.ts'
import { appOf } from './access.ts'
import type { Routes } from './api.ts'
import { appReference } from './app-shape.ts'
import { bodyOf, takes } from './body.ts'
import { truth, wholeNumber } from './numeric.ts'
import { sizeOf } from './formation.ts'
import type { Plane } from './plane.ts'
import { sendList } from './range.ts'

/** @see https://devcenter.heroku.com/articles/platform-api-reference#dyno */
export const dynoRoutes: Routes = (api, plane) => {
  const { store, dynos } = plane

  api.get('/apps/:app/dynos', (request, reply) => {
    const app = appOf(request, store)
    const shapes = dynos.list(app.id).map((dyno) => dynoShape(dyno, app, plane, request))
    return sendList(request, reply, shapes)
  })
  api.get('/apps/:app/dynos/:dyno', (request) => {
    const app = appOf(request, store)
    return dynoShape(dynoOf(request, app, plane), app, plane, request)
  })
  api.post('/apps/:app/dynos', takes(NewDyno), async (request, reply) => {
    const app = appOf(request, store)
    const body = bodyOf(request, NewDyno)
    const { dyno, exit } = await dynos.run(oneOff(app, plane, body))
    // Its log says how it ends; the request does not wait for that.
    exit.catch(() => {})
    return reply.code(201).send(dynoShape(dyno, app, plane, request))
  })

  api.delete('/apps/:app/dynos', async (request, reply) => {
    await dynos.restart(appOf(request, store).id)
    return reply.code(202).send({})
  })
  api.delete('/apps/:app/dynos/:dyno', async (request, reply) => {
    const app = appOf(request, store)
    const type = typeNamedAsDyno(request, app, plane)
    if (type !== undefined) {
      await dynos.restart(app.id, type)
      return reply.code(202).send({})
    }
    const dyno = dynoOf(request, app, plane)
    if (store.formations.find(app.id, dyno.type) === undefined || isOneOff(dyno)) {
      await dynos.stop(app.id, dyno.name)
    } else await dynos.restart(app.id, dyno.name)
    return reply.code(202).send({})
  })
  api.post('/apps/:app/dynos/:dyno/actions/stop', async (request, reply) => {
    const app = appOf(request, store)
    const type = typeNamedAsDyno(request, app, plane)
    await dynos.stop(app.id, type ?? dynoOf(request, app, plane).name)
    return reply.code(202).send({})
  })

  api.delete('/apps/:app/formations/:type', async (request, reply) => {
    const app = appOf(request, store)
    await dynos.restart(app.id, typeOf(request, app, plane))
    return reply.code(202).send({})
  })
  api.post('/apps/:app/formations/:type/actions/stop', async (request, reply) => {
    const app = appOf(request, store)
    await dynos.stop(app.id, typeOf(request, app, plane))
    return reply.code(202).send({})
  })
}

/** By name or id. @throws Problem `not_found` */
function dynoOf(request: FastifyRequest, app: App, { dynos }: Plane): Dyno {
  const key = pathParam(request, 'dyno')
  const dyno = dynos.list(app.id).find(({ id, name }) => id === key || name === key)
  if (dyno === undefined) {
    throw problem('not_found', `Couldn't find that dyno.`, { details: { resource: 'dyno' } })
  }
  return dyno
}

/** `heroku restart web` asks for a dyno of that name and means all of the type. */
function typeNamedAsDyno(request: FastifyRequest, app: App, { store }: Plane): string | undefined {
  const key = pathParam(request, 'dyno')
  return store.formations.find(app.id, key) === undefined ? undefined : key
}

/** @throws Problem `not_found` */
function typeOf(request: FastifyRequest, app: App, { dynos, store }: Plane): string {
  const type = pathParam(request, 'type')
  const known =
    store.formations.find(app.id, type) !== undefined ||
    dynos.list(app.id).some((dyno) => dyno.type === type)
  if (!known) {
    throw problem('not_found', `Couldn't find that process type (${type}).`, {
      details: { resource: 'formation' },
    })
  }
  return type
}

/** One-offs have numbers of four digits, dynos of the formation never. */
const isOneOff = ({ name }: Dyno): boolean => /\.\d{4,}$/.test(name)

function dynoShape(dyno: Dyno, app: App, { config }: Plane, request: FastifyRequest) {
  return {
    id: dyno.id,
    name: dyno.name,
    type: dyno.type,
    command: dyno.command,
    size: dyno.size,
    state: dyno.state,
    state_reason: dyno.stateReason,
    release: dyno.release,
    app: appReference(app),
    attach_url: dyno.attachUrl === null ? null : reachable(dyno.attachUrl, request, config.port),
    created_at: dyno.createdAt,
    updated_at: dyno.updatedAt,
  }
}

/** The address as this client reaches us; the port must be there even if it is the usual one. */
function reachable(attachUrl: string, request: FastifyRequest, port: number): string {
  const asked = URL.parse(`http://${request.host}`)
  const secret = attachUrl.slice(attachUrl.lastIndexOf('/') + 1)
  return `rendezvous://${asked?.hostname ?? 'localhost'}:${asked?.port || port}/${secret}`
}

/** @throws Problem `invalid_params`, `dyno_limit` */
function oneOff(app: App, { store, dynos }: Plane, body: z.infer<typeof NewDyno>) {
  const running = dynos.list(app.id).filter(isOneOff)
  if (running.length >= ONE_OFFS_MAX) {
    throw problem('dyno_limit', `${app.name} runs ${ONE_OFFS_MAX} one-off dynos already.`, {
      hint: `Stop some: heroku ps:stop ${running[0]?.name ?? 'run.1234'}`,
    })
  }
  const size = { columns: sizeIn(body.env, 'COLUMNS', 80), rows: sizeIn(body.env, 'LINES', 24) }
  return {
    app,
    release: releaseWithCode(app, store.releases.current(app.id)),
    kind: body.type ?? 'run',
    command: body.command,
    size: body.size == null ? null : sizeOf(body.size),
    env: body.env,
    attach: body.attach ? { tty: body.force_no_tty ? null : size } : null,
    ...(body.time_to_live != null && { timeoutMs: body.time_to_live * 1000 }),
  }
}

/** At a time, for one app. */
const ONE_OFFS_MAX = 100

function releaseWithCode(app: App, release: Release | undefined): Release {
  if (release === undefined || release.slugId === null) {
    throw problem('invalid_params', `${app.name} has no code to run yet.`, {
      hint: 'Deploy first: git push heroku main',
    })
  }
  return release
}

/** Clients without a terminal send 0 or nothing. */
function sizeIn(env: Readonly<Record<string, string>>, name: string, usual: number): number {
  const size = Number(env[name])
  return Number.isInteger(size) && size > 0 && size <= 1000 ? size : usual
}

const NewDyno = z.strictObject({
  command: z.string().min(1).max(32_768),
  attach: truth.nullish().transform(Boolean),
  force_no_tty: truth.nullish().transform(Boolean),
  env: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is not a name of a variable'),
      z.union([z.string(), z.number(), z.boolean()]).transform(String),
    )
    .nullish()
    .transform((env) => env ?? {}),
  size: z.string().nullish(),
  type: z
    .string()
    .regex(/^[a-z][\w-]{0,29}$/i)
    .nullish(),
  time_to_live: wholeNumber.pipe(z.int().min(1).max(86_400)).nullish(),
})
