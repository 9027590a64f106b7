import type { Plan } from '../provider.ts'

export type RedisPlan = Plan & Readonly<{ memoryMb: number; connectionsMax: number }>

const plan = (
  name: string,
  memoryMb: number,
  connectionsMax: number,
  retired = false,
): RedisPlan => ({
  name,
  humanName: name.replaceAll('-', ' ').replace(/^./, (letter) => letter.toUpperCase()),
  memoryMb,
  connectionsMax,
  ...(retired && { retired }),
})

/**
 * Memory and connections as on Heroku; on a machine of one's own they cost nothing.
 *
 * @see https://devcenter.heroku.com/articles/heroku-redis-plan-technical-characterization
 */
const HEROKU_REDIS: readonly RedisPlan[] = [
  plan('mini', 25, 20),
  plan('hobby-dev', 25, 20, true),
  plan('premium-0', 50, 40),
  plan('premium-1', 100, 80),
  plan('premium-2', 250, 200),
  plan('premium-3', 500, 400),
  plan('premium-4', 1000, 1000),
  plan('premium-5', 2500, 1000),
]

const REDIS_CLOUD: readonly RedisPlan[] = [
  plan('30', 30, 30),
  plan('100', 100, 256),
  plan('250', 250, 256),
  plan('500', 500, 512),
  plan('1000', 1000, 1000),
]

const REDIS_TO_GO: readonly RedisPlan[] = [
  plan('nano', 5, 10),
  plan('micro', 20, 30),
  plan('mini', 50, 50),
  plan('small', 250, 250),
]

/** One kind of server under three names: apps ask for the one that their documents name. */
export const REDIS_SERVICES = [
  {
    name: 'heroku-redis',
    humanName: 'Heroku Key-Value Store',
    plans: HEROKU_REDIS,
    defaultPlan: 'mini',
    addonPrefix: 'redis',
    attachment: 'REDIS',
  },
  {
    name: 'rediscloud',
    humanName: 'Redis Cloud',
    plans: REDIS_CLOUD,
    defaultPlan: '30',
    addonPrefix: 'rediscloud',
    attachment: 'REDISCLOUD',
  },
  {
    name: 'redistogo',
    humanName: 'Redis To Go',
    plans: REDIS_TO_GO,
    defaultPlan: 'nano',
    addonPrefix: 'redistogo',
    attachment: 'REDISTOGO',
  },
] as const

export type RedisService = (typeof REDIS_SERVICES)[number]

/** @throws TypeError for a name that the service lacks: the catalogue has checked it before */
export function planNamed(service: RedisService, name: string): RedisPlan {
  const found = service.plans.find((candidate) => candidate.name === name)
  if (found === undefined) throw new TypeError(`there is no plan ${service.name}:${name}`)
  return found
}
