import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { addonNotFound } from '../addons/index.ts'
import {
  problem,
  renderConfig,
  type Addon,
  type Transfer,
  type TransferSchedule,
} from '../store/index.ts'
import { accessibleApp } from './access.ts'
import { addonOf } from './addon-shape.ts'
import type { Routes } from './api.ts'
import { bodyOf, takes } from './body.ts'
import { wholeNumber } from './numeric.ts'
import type { Plane } from './plane.ts'
import { transferShape } from './transfers.ts'

const DATABASE = '/client/v11/databases/:database'

/** The data API's view of databases, as the CLI's `pg:*` commands use it; see platform-api.md §7.7. */
export const databaseRoutes: Routes = (api, plane) => {
  api.get(DATABASE, (request) => describe(request, plane))
  api.get(`${DATABASE}/wait_status`, (request) => waitStatus(databaseOf(request, plane)))
  api.put(`${DATABASE}/reset`, takes(Extensions), (request) => reset(request, plane))
  api.post(`${DATABASE}/connection_reset`, async (request) => {
    await plane.addons.postgres.resetConnections(databaseOf(request, plane))
    return { message: 'Connections are reset' }
  })
  api.get(`${DATABASE}/links`, (request) => {
    databaseOf(request, plane)
    return []
  })
  newTransferRoutes(api, plane)
  api.get(`${DATABASE}/upgrade/wait_status`, (request) => waitStatus(databaseOf(request, plane)))
  api.put(`${DATABASE}/stats_reset`, async (request) => {
    await plane.addons.postgres.resetStatistics(databaseOf(request, plane))
    return { message: 'Statistics are reset' }
  })
  scheduleRoutes(api, plane)
  settingRoutes(api, plane)
  refuseFollowers(api, plane)
}

const newTransferRoutes: Routes = (api, plane) => {
  const { transfers } = plane.addons.postgres
  const made = (reply: FastifyReply, transfer: Transfer) =>
    reply.code(201).send(transferShape(transfer))

  api.post(`${DATABASE}/backups`, (request, reply) =>
    made(reply, transfers.capture(databaseOf(request, plane))),
  )
  api.post(`${DATABASE}/restores`, takes(Restore), (request, reply) => {
    const addon = databaseOf(request, plane)
    const { backup_url: url, extensions } = bodyOf(request, Restore)
    const source = sourceOf(url, request, plane)
    return made(reply, transfers.restore(addon, source, extensions ?? []))
  })
  api.post(`${DATABASE}/transfers`, takes(Copy), (request, reply) => {
    const addon = databaseOf(request, plane)
    const body = bodyOf(request, Copy)
    const copy = {
      fromName: body.from_name,
      fromUrl: body.from_url,
      toName: body.to_name,
      toUrl: body.to_url,
    }
    return made(reply, transfers.copy(addon, copy))
  })
}

const scheduleRoutes: Routes = (api, plane) => {
  const { schedules } = plane.addons.postgres
  api.get(`${DATABASE}/transfer-schedules`, (request) =>
    schedules.list(databaseOf(request, plane)).map(scheduleShape),
  )
  api.post(`${DATABASE}/transfer-schedules`, takes(NewSchedule), (request, reply) => {
    const addon = databaseOf(request, plane)
    const { schedule_name: name, hour, timezone } = bodyOf(request, NewSchedule)
    const schedule = schedules.set(addon, { name, hour, timezone })
    return reply.code(201).send(scheduleShape(schedule))
  })
  api.delete(`${DATABASE}/transfer-schedules/:schedule`, (request) => {
    const schedule = pathParam(request, 'schedule')
    schedules.remove(databaseOf(request, plane), schedule)
    return { message: 'Unscheduled' }
  })
}

/** What a database here does not have, each with what to use instead. */
const refuseFollowers: Routes = (api, plane) => {
  for (const { paths, method, message, hint } of REFUSED) {
    for (const url of paths) {
      api.route({
        method,
        url,
        ...takes(z.unknown()),
        handler: (request) => {
          const { name } = databaseOf(request, plane)
          throw problem('invalid_params', `${name} ${message}`, { hint })
        },
      })
    }
  }
}

const CREDENTIALS = '/postgres/v0/databases/:database'
const REFUSED = [
  {
    paths: [`${DATABASE}/unfollow`],
    method: ['PUT', 'POST'],
    message: 'follows no other database.',
    hint: 'Copy data with: heroku pg:copy SOURCE TARGET',
  },
  {
    paths: [
      `${DATABASE}/upgrade`,
      `${DATABASE}/upgrade/prepare`,
      `${DATABASE}/upgrade/run`,
      `${DATABASE}/upgrade/dry_run`,
      `${DATABASE}/upgrade/cancel`,
    ],
    method: ['PUT', 'POST'],
    message: 'has the version of the server, which hokku brings along.',
    hint: 'See it with: heroku pg:info. To use another one, set HOKKU_POSTGRES_URL to your own server.',
  },
  {
    paths: [`${DATABASE}/links`, `${DATABASE}/links/:link`],
    method: ['POST', 'DELETE'],
    message: 'has no links to other databases.',
    hint: 'Attach the other database as well: heroku addons:attach',
  },
  {
    paths: [`${DATABASE}/connection-pooling`],
    method: ['POST'],
    message: 'has no connection pooling.',
    hint: 'Pool in the app, or choose a plan with more connections: heroku addons:upgrade',
  },
  {
    paths: [`${CREDENTIALS}/repair-default`],
    method: ['POST'],
    message: 'needs no repair of its default credential: it owns the database.',
    hint: 'For a new password: heroku pg:credentials:rotate',
  },
]

/** Settings of a whole database. Those of its log are missing: apps do not see the server's log. */
const settingRoutes: Routes = (api, plane) => {
  const path = `${CREDENTIALS}/config`
  const shown = (value: string) => ({
    track_functions: { name: 'track_functions', value, values: TRACKED },
  })
  api.get(path, async (request) =>
    shown(await plane.addons.postgres.trackedFunctions(databaseOf(request, plane))),
  )
  api.patch(path, takes(Settings), async (request) => {
    const addon = databaseOf(request, plane)
    const { track_functions: tracked, ...others } = bodyOf(request, Settings)
    const [name] = Object.keys(others)
    if (name !== undefined || typeof tracked !== 'string') {
      throw problem('invalid_params', `${name ?? 'Nothing'} cannot be set here.`, {
        hint: 'It is about the log of the server, which apps do not see. Look at slow queries with: heroku pg:outliers',
      })
    }
    return shown(await plane.addons.postgres.trackFunctions(addon, tracked))
  })
}

const TRACKED = {
  none: 'No functions are tracked',
  pl: 'Only functions of procedural languages are tracked',
  all: 'All functions are tracked',
}
const Settings = z.record(z.string().max(100), z.union([z.string(), z.number(), z.boolean()]))

async function describe(request: FastifyRequest, plane: Plane) {
  const { postgres } = plane.addons
  const addon = databaseOf(request, plane)
  return {
    addon_id: addon.id,
    name: addon.name,
    plan: addon.plan,
    info: await postgres.info(addon),
    resource_url: render(postgres.address(addon), plane),
    following: null,
    leader: null,
    forked_from: null,
  }
}

const waitStatus = ({ state }: Addon) => ({
  'waiting?': state === 'provisioning',
  'error?': state.startsWith('deprovision'),
  message: WAIT_MESSAGES[state],
})

async function reset(request: FastifyRequest, plane: Plane) {
  const addon = databaseOf(request, plane)
  const { extensions } = bodyOf(request, Extensions)
  await plane.addons.postgres.reset(addon, extensions ?? [])
  return { message: 'Reset' }
}

/** The database that a path names, by the add-on's id or name. */
export function databaseOf(request: FastifyRequest, plane: Plane): Addon {
  const database = pathParam(request, 'database')
  const addon = addonOf(request, plane, database)
  if (addon.service !== 'heroku-postgresql') throw addonNotFound()
  return addon
}

/** Fills in the server's address as the client reaches it. */
export const render = (address: string, { addons }: Plane): string =>
  renderConfig([{ name: 'url', value: address, attachmentId: 'any' }], addons.endpoints())['url'] ??
  address

/**
 * What a restore is from. The lists that we hand out say `hokku-backup:<id>`; our own download links
 * are read without going through the network.
 */
function sourceOf(url: string, request: FastifyRequest, plane: Plane) {
  const { store, addons } = plane
  const id = /^hokku-backup:([\w-]+)$/.exec(url)?.[1]
  if (id !== undefined) {
    const transfer = store.transfers.findById(id)
    if (transfer === undefined) throw problem('not_found', 'There is no such backup.')
    accessibleApp(request, transfer.appId, store, 'deploy')
    if (!transfer.succeeded) throw problem('invalid_params', 'That backup did not succeed.')
    return { kind: 'backup', transfer } as const
  }
  const token = /\/backup-downloads\/([\w-]+)$/.exec(url)?.[1]
  if (token !== undefined && URL.canParse(url) && new URL(url).host === request.host) {
    return { kind: 'backup', transfer: addons.postgres.transfers.download(token).transfer } as const
  }
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return { kind: 'url', url } as const
  throw problem('invalid_params', 'A backup is restored from an http(s) address or by its name.')
}

const scheduleShape = (schedule: TransferSchedule) => ({
  uuid: schedule.id,
  name: schedule.name,
  hour: schedule.hour,
  timezone: schedule.timezone,
  days: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
  created_at: schedule.createdAt,
  updated_at: schedule.updatedAt,
})

const WAIT_MESSAGES = {
  provisioning: 'preparing',
  provisioned: 'available',
  deprovisioning: 'is being destroyed',
  deprovisioned: 'could not be created',
}

const ExtensionList = z
  .array(z.string().regex(/^([a-z_][a-z0-9_]*\.)?[a-z_][a-z0-9_-]*$/))
  .nullish()
const Extensions = z.strictObject({ extensions: ExtensionList })
const Restore = z.strictObject({ backup_url: z.string().max(4096), extensions: ExtensionList })
const Copy = z.strictObject({
  from_name: z.string().max(200),
  from_url: z.string().max(4096),
  to_name: z.string().max(200),
  to_url: z.string().max(4096),
})
const NewSchedule = z.strictObject({
  hour: wholeNumber.pipe(z.int().min(0).max(23)),
  timezone: z.string().max(64).default('UTC'),
  schedule_name: z.string().max(200).default('DATABASE_URL'),
})
