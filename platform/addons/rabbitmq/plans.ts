import type { Plan } from '../provider.ts'

export type BrokerPlan = Plan & Readonly<{ connectionsMax: number; queuesMax: number }>

const plan = (name: string, connectionsMax: number, queuesMax: number): BrokerPlan => ({
  name,
  humanName: name
    .split('-')
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join(' '),
  connectionsMax,
  queuesMax,
})

/**
 * As on Heroku; the limits keep one app from using up the broker of all.
 *
 * @see https://elements.heroku.com/addons/cloudamqp
 */
export const PLANS: readonly BrokerPlan[] = [
  plan('lemur', 20, 100),
  plan('lemming', 20, 100),
  plan('tiger', 500, 1000),
  plan('bunny', 1000, 5000),
  plan('rabbit', 2000, 10_000),
  plan('panda', 2000, 10_000),
]

export const DEFAULT_PLAN = 'lemur'

/** @throws TypeError for a name that `PLANS` lacks: the catalogue has checked it before */
export function planNamed(name: string): BrokerPlan {
  const found = PLANS.find((candidate) => candidate.name === name)
  if (found === undefined) throw new TypeError(`there is no plan ${name}`)
  return found
}
