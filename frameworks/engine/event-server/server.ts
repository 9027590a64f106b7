import cors from '@fastify/cors'
import { createHttpApp, type FastifyInstance, type FastifyRequest } from '@hokku/kit/http'
import { answerOtherMethods, watchRoutes } from '@hokku/kit/other-methods'
import type { Problem } from '@hokku/kit/problem'
import { problem } from '../problems.ts'
import { createContext, type EventServerOptions } from './context.ts'
import { utf8Text } from './routes/body.ts'
import { addBatchRoute } from './routes/batch.ts'
import { addEventRoutes } from './routes/events.ts'
import { addPluginRoutes } from './routes/plugins.ts'
import { addStatsRoute } from './routes/stats.ts'
import { addWebhookRoutes } from './routes/webhooks.ts'

/** The HTTP API that collects events; `listen` and `close` are the caller's. */
export async function createEventServer(options: EventServerOptions): Promise<FastifyInstance> {
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
      async (_request: FastifyRequest, body: Buffer) => utf8Text(body),
    )
  }
  const context = createContext(options)
  const routes = watchRoutes(app)
  app.get('/', async () => ({ status: 'alive' }))
  addEventRoutes(app, context)
  addBatchRoute(app, context)
  addStatsRoute(app, context)
  addWebhookRoutes(app, context)
  addPluginRoutes(app, context)
  answerOtherMethods(app, routes, { refuse: notAllowed })
  return app
}

/** PredictionIO's HTTP library took 8 MiB; a batch of 50 events has room in it. */
const BODY_BYTES_MAX = 8 * 1024 * 1024

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

const notAllowed = (allowed: readonly string[]): Problem =>
  problem(
    'method_not_allowed',
    `HTTP method not allowed, supported methods: ${allowed.join(', ')}`,
    { details: { isPlainText: true } },
  )
