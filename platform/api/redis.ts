import type { FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { isRedis, POLICIES, RedisSettings, type RedisFacts } from '../addons/index.ts'
import { problem, type Addon } from '../store/index.ts'
import { accountOf } from './access.ts'
import { addonOf } from './addon-shape.ts'
import type { Routes } from './api.ts'
import { bodyOf, takes } from './body.ts'
import { wholeNumber } from './numeric.ts'
import type { Plane } from './plane.ts'

const DATABASE = '/redis/v0/databases/:database'

/** The data API's view of Redis add-ons, as the CLI's `redis:*` commands use it. */
export const redisRoutes: Routes = (api, plane) => {
  const { redis } = plane.addons

  api.get(DATABASE, async (request) => {
    const addon = redisOf(request, plane)
    return redisShape(addon, await redis.describe(addon))
  })
  api.get(`${DATABASE}/wait`, (request) => {
    const { state } = redisOf(request, plane)
    const isWaiting = state === 'provisioning'
    return { 'waiting?': isWaiting, message: isWaiting ? 'creating' : 'available' }
  })
  api.get(`${DATABASE}/config`, (request) => settingsShape(redis.settings(redisOf(request, plane))))
  api.patch(`${DATABASE}/config`, takes(SettingsChange), async (request) => {
    const addon = redisOf(request, plane)
    const change = bodyOf(request, SettingsChange)
    return settingsShape(await redis.change(addon, accountOf(request).id, change))
  })
  api.post(`${DATABASE}/credentials_rotation`, async (request) => {
    const addon = redisOf(request, plane)
    await redis.rotate(addon, accountOf(request).id)
    return { message: 'Credentials are rotated' }
  })
  api.post(`${DATABASE}/stats/reset`, async (request) => {
    await redis.resetStatistics(redisOf(request, plane))
    return { message: 'Statistics are reset' }
  })
  api.post(`${DATABASE}/upgrade`, takes(Upgrade), (request) => {
    redisOf(request, plane)
    throw problem('invalid_params', `hokku runs the Redis of this machine, in no other version.`, {
      hint: 'Upgrade it with the system: sudo apt-get install --only-upgrade redis-server. Then run hokku down and hokku up.',
    })
  })
}

/** @throws Problem `not_found` */
function redisOf(request: FastifyRequest, plane: Plane): Addon {
  const database = pathParam(request, 'database')
  const addon = addonOf(request, plane, database)
  if (isRedis(addon)) return addon
  throw problem('invalid_params', `${addon.name} is of ${addon.service}, which is no Redis.`, {
    hint: 'Create one with: heroku addons:create heroku-redis',
  })
}

function redisShape(addon: Addon, facts: RedisFacts) {
  const megabytes = (value: number): string => `${value.toFixed(2)} MB`
  const asked = facts.hits + facts.misses
  const rows: Readonly<Record<string, string>> = {
    Plan: addon.plan,
    Status: 'available',
    Created: facts.createdAt,
    Version: facts.version,
    Timeout: String(facts.settings.timeout),
    Maxmemory: facts.settings.maxmemory_policy,
    Persistence: 'AOF',
    Memory: `${megabytes(facts.memoryMb)} of ${megabytes(facts.memoryMbMax)}`,
    Connections: `${facts.connections}/${facts.connectionsMax}`,
    Keys: String(facts.keys),
    'Hit rate': asked === 0 ? 'no reads yet' : `${((100 * facts.hits) / asked).toFixed(1)} %`,
    'Keyspace notifications': facts.settings.notify_keyspace_events || 'off',
  }
  return {
    name: addon.name,
    plan: addon.plan,
    version: facts.version,
    created_at: facts.createdAt,
    resource_url: facts.address,
    prefer_native_tls: true,
    formation: { primary: null },
    metaas_source: null,
    port: Number(new URL(facts.address).port),
    info: Object.entries(rows).map(([name, value]) => ({ name, values: [value] })),
  }
}

const settingsShape = (settings: RedisSettings) => ({
  maxmemory_policy: { value: settings.maxmemory_policy, values: POLICIES },
  timeout: { value: settings.timeout },
  notify_keyspace_events: { value: settings.notify_keyspace_events, values: {} },
})

const SettingsChange = z.strictObject({
  maxmemory_policy: RedisSettings.shape.maxmemory_policy.optional(),
  timeout: wholeNumber.pipe(RedisSettings.shape.timeout).optional(),
  notify_keyspace_events: RedisSettings.shape.notify_keyspace_events.optional(),
})
/** Any version gets the same answer. */
const Upgrade = z.strictObject({ version: z.string().nullish() })
