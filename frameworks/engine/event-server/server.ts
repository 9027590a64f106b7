import cors from '@fastify/cors'
import { createHttpApp, type FastifyInstance, type FastifyRequest } from '@hokku/kit/http'
import type { Problem } from '@hokku/kit/problem'
import type { EventStore } from '../events/event-store.ts'
import type { MetadataStore } from '../metadata/metadata-store.ts'
import { problem } from '../problems.ts'
import { type Caller, KeyRing, readCredentials } from './access.ts'
import { FailureLog } from './failure-log.ts'
import { Intake } from './intake.ts'
import type { EventServerPlugin } from './plugins.ts'
import { textOf } from './routes/body.ts'
import { addBatchRoute } from './routes/batch.ts'
import { addEventRoutes } from './routes/events.ts'
import { addPluginRoutes } from './routes/plugins.ts'
import { addStatsRoute } from './routes/stats.ts'
import { addWebhookRoutes } from './routes/webhooks.ts'
import { Stats } from './stats.ts'

export type EventServerOptions = Readonly<{
  metadata: MetadataStore
  events: EventStore
  /** Count events for `GET /stats.json`. */
  hasStats?: boolean
  plugins?: readonly EventServerPlugin[]
  /** Web pages of these origins may post; `*` for all. None unless told, as in PredictionIO. */
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

/** The HTTP API that collects events; `listen` and `close` are the caller's. */
export async function createEventServer(options: EventServerOptions): Promise<FastifyInstance> {
  const log = options.log ?? console.error
  const app = createHttpApp({ renderProblem, bodyBytesMax: BODY_BYTES_MAX })
  if (options.corsOrigins !== undefined) {
    const origin = options.corsOrigins.includes('*') ? '*' : [...options.corsOrigins]
    await app.register(cors, { origin, methods: ['GET', 'POST', 'DELETE'] })
  }
  // Bodies stay text: our JSON is lenient, and errors must name the field as PredictionIO does.
  app.removeAllContentTypeParsers()
  for (const type of ['application/json', 'application/x-www-form-urlencoded']) {
    app.addContentTypeParser(
      type,
      { parseAs: 'buffer' },
      async (_request: FastifyRequest, body: Buffer) => textOf(body),
    )
  }
  const context = createContext(options, log)
  app.get('/', async () => ({ status: 'alive' }))
  addEventRoutes(app, context)
  addBatchRoute(app, context)
  addStatsRoute(app, context)
  addWebhookRoutes(app, context)
  addPluginRoutes(app, context)
  refuseOtherMethods(app)
  return app
}

/** PredictionIO's HTTP library took 8 MiB; a batch of 50 events has room in it. */
const BODY_BYTES_MAX = 8 * 1024 * 1024

function createContext(
  options: EventServerOptions,
  log: (message: string) => void,
): EventServerContext {
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
        throw failures.told(error)
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

/** `{ message }`, but plain text where PredictionIO's HTTP library spoke. */
function renderProblem(failure: Problem): unknown {
  if (failure.code === 'route_not_found') return 'The requested resource could not be found.'
  if (failure.status === 415) return MEDIA_TYPE_UNSUPPORTED
  if (failure.status === 413) return { message: BODY_TOO_LARGE }
  if (failure.details['isPlainText'] === true) return failure.message
  return { message: failure.message }
}

const BODY_TOO_LARGE = `Request body is too large: at most ${BODY_BYTES_MAX} bytes are accepted.`
const MEDIA_TYPE_UNSUPPORTED =
  "The request's Content-Type is not supported. Expected:\napplication/json"

function refuseOtherMethods(app: FastifyInstance): void {
  for (const [url, allowed] of ROUTES) {
    const method = METHODS.filter((one) => !allowed.includes(one))
    app.route({
      method,
      url,
      onRequest: async (_request, reply) => {
        reply.header('allow', allowed.join(', '))
        throw problem(
          'method_not_allowed',
          `HTTP method not allowed, supported methods: ${allowed.join(', ')}`,
          { details: { isPlainText: true } },
        )
      },
      handler: async () => {},
    })
  }
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const ROUTES: readonly (readonly [string, readonly string[]])[] = [
  ['/', ['GET']],
  ['/events.json', ['GET', 'POST']],
  ['/events/:file', ['GET', 'DELETE']],
  ['/batch/events.json', ['POST']],
  ['/stats.json', ['GET']],
  ['/webhooks/:file', ['GET', 'POST']],
  ['/plugins.json', ['GET']],
]
