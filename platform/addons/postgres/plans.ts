import type { Plan } from '../provider.ts'

export type DatabasePlan = Plan &
  Readonly<{
    /** Connections that one credential may have open at once. */
    connectionsMax: number
    /** Whether further credentials (`pg:credentials:create`) may be made, as on Heroku. */
    namedCredentials: boolean
  }>

/**
 * Every plan name that Heroku has had and documents still use. On a server of one's own they cost
 * nothing and differ in their connection limit alone.
 *
 * @see https://devcenter.heroku.com/articles/heroku-postgres-plans
 */
export const PLANS: readonly DatabasePlan[] = [
  ...small('essential', [20, 20, 40]),
  { name: 'mini', humanName: 'Mini', connectionsMax: 20, namedCredentials: false },
  { name: 'basic', humanName: 'Basic', connectionsMax: 20, namedCredentials: false },
  ...['dev', 'hobby-dev', 'hobby-basic'].map((name) => ({
    name,
    humanName: humanName(name),
    connectionsMax: 20,
    namedCredentials: false,
    retired: true,
  })),
  ...large('standard'),
  ...large('premium'),
]

export const DEFAULT_PLAN = 'essential-0'

/** @throws TypeError for a name that `PLANS` lacks: the catalogue has checked it before */
export function planNamed(name: string): DatabasePlan {
  const plan = PLANS.find((candidate) => candidate.name === name)
  if (plan === undefined) throw new TypeError(`there is no plan ${name}`)
  return plan
}

function small(family: string, limits: readonly number[]): DatabasePlan[] {
  return limits.map((connectionsMax, i) => ({
    name: `${family}-${i}`,
    humanName: humanName(`${family}-${i}`),
    connectionsMax,
    namedCredentials: false,
  }))
}

function large(family: string): DatabasePlan[] {
  return [120, 200, 400, 500, 500, 500, 500, 500, 500, 500].map((connectionsMax, i) => ({
    name: `${family}-${i}`,
    humanName: humanName(`${family}-${i}`),
    connectionsMax,
    namedCredentials: true,
  }))
}

function humanName(name: string): string {
  return name
    .replaceAll(/(^|-)([a-z])/g, (_, dash: string, letter: string) =>
      dash === '' ? letter.toUpperCase() : ` ${letter.toUpperCase()}`,
    )
    .replaceAll('-', ' ')
}
