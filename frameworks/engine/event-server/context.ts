import type { FastifyRequest } from '@hokku/kit/http'
import type { EventStore } from '../events/event-store.ts'
import type { MetadataStore } from '../metadata/metadata-store.ts'
import { type Caller, KeyRing, readCredentials } from './access.ts'
import { FailureLog } from './failure-log.ts'
import { Intake } from './intake.ts'
import type { EventServerPlugin } from './plugins.ts'
import { Stats } from './stats.ts'

export type EventServerOptions = Readonly<{
  metadata: MetadataStore
  events: EventStore
  /** Count events for `GET /stats.json`. */
  hasStats?: boolean
  plugins?: readonly EventServerPlugin[]
  /** Web pages of these origins may post; `*` for all. None by default, as in PredictionIO. */
  corsOrigins?: readonly string[]
  log?: (message: string) => void
}>

/** What routes share. `authenticate` runs before the body is read. */
export type EventServerContext = Readonly<{
  events: EventStore
  intake: Intake
  stats: Stats | undefined
  plugins: readonly EventServerPlugin[]
  authenticate: (request: FastifyRequest) => Promise<void>
  callerOf: (request: FastifyRequest) => Caller
}>

export function createContext(options: EventServerOptions): EventServerContext {
  const log = options.log ?? console.error
  const failures = new FailureLog(log)
  const keys = new KeyRing(options.metadata)
  const stats = options.hasStats === true ? new Stats(Date.now()) : undefined
  const plugins = options.plugins ?? []
  const callers = new WeakMap<FastifyRequest, Caller>()
  return {
    events: options.events,
    intake: new Intake({ store: options.events, plugins, stats, log, failures }),
    stats,
    plugins,
    authenticate: async (request) => {
      const query = request.query as Record<string, unknown>
      const credentials = readCredentials(query, request.headers.authorization)
      const caller = await keys.open(credentials).catch((error: unknown) => {
        throw failures.logged(error)
      })
      callers.set(request, caller)
    },
    callerOf: (request) => {
      const caller = callers.get(request)
      if (caller === undefined) throw new Error('this route does not authenticate')
      return caller
    },
  }
}
