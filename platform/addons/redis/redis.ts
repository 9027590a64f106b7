import { problem, type Addon, type Store } from '../../store/index.ts'
import { planNamed, REDIS_SERVICES } from './plans.ts'
import { RedisResource, RedisSettings, withNewPassword } from './resource.ts'
import type { RedisServers } from './servers.ts'

/** What only a Redis can: facts and settings, for the `redis:*` commands. */
export type Redis = Readonly<{
  describe: (addon: Addon) => Promise<RedisFacts>
  settings: (addon: Addon) => RedisSettings
  change: (addon: Addon, accountId: string, change: RedisChange) => Promise<RedisSettings>
  rotate: (addon: Addon, accountId: string) => Promise<void>
  resetStatistics: (addon: Addon) => Promise<void>
}>

export type RedisFacts = Readonly<{
  version: string
  createdAt: string
  connections: number
  connectionsMax: number
  memoryMb: number
  memoryMbMax: number
  keys: number
  hits: number
  misses: number
  settings: RedisSettings
  /** The TLS address, as config vars hold it. */
  address: string
}>

/** What is left out stays as it is. */
export type RedisChange = Readonly<{
  [Name in keyof RedisSettings]?: RedisSettings[Name] | undefined
}>

export type RedisEffects = Readonly<{
  store: Store
  /** Records a change, and makes it. */
  lifecycle: Readonly<{
    change: (
      addon: Addon,
      accountId: string,
      next: Readonly<{ resource: (before: unknown) => unknown }>,
    ) => Promise<unknown>
  }>
  /** Undefined where the platform is opened without Redis, in tests. */
  servers: RedisServers | undefined
}>

export const openRedis = ({ store, lifecycle, servers }: RedisEffects): Redis => {
  const resourceOf = (addon: Addon): RedisResource =>
    RedisResource.parse(store.addons.resource(addon.id))
  const running = (): RedisServers => {
    if (servers !== undefined) return servers
    throw problem('addon_unavailable', 'This platform was opened without Redis.')
  }
  return {
    describe: async (addon) => {
      const resource = resourceOf(addon)
      const facts = await running().facts(resource)
      const number = (name: string): number => Number(facts.get(name) ?? 0)
      const { connectionsMax, memoryMb } = planOf(addon)
      return {
        version: facts.get('redis_version') ?? 'unknown',
        createdAt: addon.createdAt,
        // Without our own.
        connections: Math.max(0, number('connected_clients') - 1),
        connectionsMax,
        memoryMb: number('used_memory') / 2 ** 20,
        memoryMbMax: memoryMb,
        keys: Number(/keys=(\d+)/.exec(facts.get('db0') ?? '')?.[1] ?? 0),
        hits: number('keyspace_hits'),
        misses: number('keyspace_misses'),
        settings: resource.settings,
        address: `rediss://:${resource.password}@${running().endpoints()[`redis-${resource.name}-tls`] ?? ''}`,
      }
    },
    settings: (addon) => resourceOf(addon).settings,
    change: async (addon, accountId, change) => {
      const resource = (before: unknown): RedisResource => {
        const parsed = RedisResource.parse(before)
        return {
          ...parsed,
          settings: RedisSettings.parse({ ...parsed.settings, ...given(change) }),
        }
      }
      await lifecycle.change(addon, accountId, { resource })
      return resourceOf(addon).settings
    },
    rotate: async (addon, accountId) => {
      const resource = (before: unknown): RedisResource =>
        withNewPassword(RedisResource.parse(before))
      await lifecycle.change(addon, accountId, { resource })
    },
    resetStatistics: (addon) => running().resetStatistics(resourceOf(addon)),
  }
}

const given = (change: RedisChange): object =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))

export const isRedis = ({ service }: Addon): boolean =>
  REDIS_SERVICES.some(({ name }) => name === service)

function planOf({ service, plan }: Addon) {
  const found = REDIS_SERVICES.find(({ name }) => name === service)
  if (found === undefined) throw new TypeError(`${service} is no Redis`)
  return planNamed(found, plan)
}
