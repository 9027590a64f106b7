import type { Endpoints } from '../store/index.ts'

/** The add-ons of all apps, whatever provider runs them. */
export type Addons = Readonly<{
  /** Names of the plans an app has, e.g. `heroku-postgresql:mini`. */
  planNames: (appId: string) => string[]
  /** Where the add-on servers are reached from a local dyno and, relayed, from a client. */
  endpoints: () => Endpoints
  /** Creates what a manifest or buildpack asks for, unless the app has it already. */
  ensure: (appId: string, accountId: string, plan: string, as?: string) => Promise<void>
  /** Deprovisions everything an app owns. */
  remove: (appId: string) => Promise<void>
  /** At start: finishes what was being provisioned or removed; then runs backup schedules. */
  recover: () => Promise<void>
  close: () => Promise<void>
}>
