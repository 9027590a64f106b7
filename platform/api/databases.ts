import type { FastifyRequest } from '@hokku/kit/http'
import * as z from 'zod'
import { addonNotFound } from '../addons/index.ts'
import { problem, renderConfig, type Addon, type TransferSchedule } from '../store/index.ts'
import { accessibleApp, accountOf } from './access.ts'
import { addonOf } from './addon-shape.ts'
import type { Routes } from './api.ts'
import { bodyOf } from './body.ts'
import type { Plane } from './plane.ts'
import { transferShape } from './transfers.ts'

/** The data API's view of databases, as the CLI's `pg:*` commands use it; see platform-api.md §7.7. */
export const databaseRoutes: Routes = (api, plane) => {
  const { postgres } = plane.addons
  const database = '/client/v11/databases/:database'

  api.get(database, async (request) => {
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
  })
  api.get(`${database}/wait_status`, (request) => {
    const addon = databaseOf(request, plane)
    return {
      'waiting?': addon.state === 'provisioning',
      'error?': addon.state.startsWith('deprovision'),
      message: WAIT_MESSAGES[addon.state],
    }
  })
  api.put(`${database}/reset`, async (request) => {
    const addon = databaseOf(request, plane)
    const { extensions } = bodyOf(request, Extensions)
    await postgres.reset(addon, extensions ?? [])
    return { message: 'Reset' }
  })
  api.post(`${database}/connection_reset`, async (request) => {
    await postgres.resetConnections(databaseOf(request, plane))
    return { message: 'Connections are reset' }
  })
  api.get(`${database}/links`, (request) => {
    databaseOf(request, plane)
    return []
  })

  api.post(`${database}/backups`, (request, reply) => {
    const transfer = postgres.transfers.capture(databaseOf(request, plane))
    return reply.code(201).send(transferShape(transfer))
  })
  api.post(`${database}/restores`, (request, reply) => {
    const addon = databaseOf(request, plane)
    const { backup_url: url, extensions } = bodyOf(request, Restore)
    const transfer = postgres.transfers.restore(
      addon,
      sourceOf(url, request, plane),
      extensions ?? [],
    )
    return reply.code(201).send(transferShape(transfer))
  })
  api.post(`${database}/transfers`, (request, reply) => {
    const addon = databaseOf(request, plane)
    const body = bodyOf(request, Copy)
    const transfer = postgres.transfers.copy(addon, {
      fromName: body.from_name,
      fromUrl: body.from_url,
      toName: body.to_name,
      toUrl: body.to_url,
    })
    return reply.code(201).send(transferShape(transfer))
  })

  api.get(`${database}/transfer-schedules`, (request) =>
    postgres.schedules.list(databaseOf(request, plane)).map(scheduleShape),
  )
  api.post(`${database}/transfer-schedules`, (request, reply) => {
    const body = bodyOf(request, NewSchedule)
    const schedule = postgres.schedules.set(databaseOf(request, plane), {
      name: body.schedule_name,
      hour: body.hour,
      timezone: body.timezone,
    })
    return reply.code(201).send(scheduleShape(schedule))
  })
  api.delete(`${database}/transfer-schedules/:schedule`, (request) => {
    const { schedule } = request.params as { schedule: string }
    postgres.schedules.remove(databaseOf(request, plane), schedule)
    return { message: 'Unscheduled' }
  })
  for (const path of ['unfollow', 'upgrade', 'upgrade/prepare', 'upgrade/run', 'links']) {
    api.route({
      method: path === 'links' ? 'POST' : ['PUT', 'POST'],
      url: `${database}/${path}`,
      handler: (request) => {
        const { name } = databaseOf(request, plane)
        throw problem('invalid_params', `${name} has no followers, links or upgrades.`)
      },
    })
  }
}

/** The database that a path names, by the add-on's id or name. */
export function databaseOf(request: FastifyRequest, plane: Plane): Addon {
  const { database } = request.params as { database: string }
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
    accessibleApp(accountOf(request), transfer.appId, store)
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
const Extensions = z.object({ extensions: ExtensionList })
const Restore = z.object({ backup_url: z.string().max(4096), extensions: ExtensionList })
const Copy = z.object({
  from_name: z.string().max(200),
  from_url: z.string().max(4096),
  to_name: z.string().max(200),
  to_url: z.string().max(4096),
})
const NewSchedule = z.object({
  hour: z.coerce.number().int().min(0).max(23),
  timezone: z.string().max(64).default('UTC'),
  schedule_name: z.string().max(200).default('DATABASE_URL'),
})
