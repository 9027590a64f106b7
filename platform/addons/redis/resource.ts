import { randomBytes } from 'node:crypto'
import * as z from 'zod'

/** How keys go when memory is full, with what Heroku says of each. */
export const POLICIES = {
  noeviction: 'return errors when the memory limit is reached',
  'allkeys-lru': 'evict the least recently used keys first',
  'volatile-lru': 'evict the least recently used keys with an expiration first',
  'allkeys-random': 'evict keys at random',
  'volatile-random': 'evict keys with an expiration at random',
  'volatile-ttl': 'evict the keys that expire soonest',
  'allkeys-lfu': 'evict the least frequently used keys first',
  'volatile-lfu': 'evict the least frequently used keys with an expiration first',
} as const

export const RedisSettings = z.object({
  maxmemory_policy: z.enum(Object.keys(POLICIES) as (keyof typeof POLICIES)[]),
  /** Seconds after which an idle connection is closed; 0 for never. */
  timeout: z.int().min(0).max(31_536_000),
  /** Letters of Redis, e.g. `Ex`; empty for none. */
  notify_keyspace_events: z.string().regex(/^[KEg$lshzxetdmnA]*$/),
})
export type RedisSettings = z.infer<typeof RedisSettings>

/** What we know of one add-on: its server's name, passwords and settings. */
export const RedisResource = z.object({
  name: z.string().regex(/^hk[0-9a-f]{16}$/),
  password: z.string(),
  /** Of the user `hokku`, who may change settings. */
  adminPassword: z.string(),
  settings: RedisSettings,
})
export type RedisResource = z.infer<typeof RedisResource>

export const draftRedis = (): RedisResource => ({
  name: `hk${randomBytes(8).toString('hex')}`,
  password: newPassword(),
  adminPassword: newPassword(),
  settings: { maxmemory_policy: 'noeviction', timeout: 300, notify_keyspace_events: '' },
})

export const withNewPassword = (resource: RedisResource): RedisResource => ({
  ...resource,
  password: newPassword(),
})

const newPassword = (): string => `p${randomBytes(32).toString('hex')}`
