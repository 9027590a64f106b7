import { createHttpApp, pathOf, type FastifyInstance, type FastifyRequest } from '@hokku/kit/http'
import { answerOtherMethods, watchRoutes } from '@hokku/kit/other-methods'
import { Problem } from '@hokku/kit/problem'
import type { JsonValue } from '../events/event.ts'
import { stringifyExactly } from '@hokku/kit/exact-json'
import { parseLenientJson } from '../events/lenient-json.ts'
import { problem } from '../problems.ts'
import { checkServerKey } from '../server-key.ts'
import { unknownKeys } from '../dase/query.ts'
import { type Deployment, predict, readQueryFor } from './deployment.ts'
import { createFeedback } from './feedback.ts'
import type { QueryServerPlugin } from '../dase/query-plugins.ts'
import { ServingStats } from './serving-stats.ts'
import { statusPage } from './status-page.ts'

export type QueryServerOptions = Readonly<{
  deployment: Deployment
  /** Loads the newest training; the old one answers until it is there. */
  reload: () => Promise<Deployment>
  /** Called a second after `/stop` was answered. */
  stop: () => void
  /** Required for `/reload` and `/stop` if it is given. */
  serverKey: string | undefined
  plugins: readonly EnabledPlugin[]
  feedback: FeedbackOptions | undefined
  /** Shown on the status page. */
  address: string
  /** Why the engine may not do what its Scala sources say; undefined if it does. */
  notice?: string | undefined
  onError: (deployment: Deployment, message: string) => void
}>

export type EnabledPlugin = Readonly<{
  plugin: QueryServerPlugin
  params: Readonly<Record<string, unknown>>
}>

export type FeedbackOptions = Readonly<{ post: (event: object) => void; server: URL }>

/** The HTTP API that answers queries; `listen` and `close` are the caller's. */
export function createQueryServer(options: QueryServerOptions): FastifyInstance {
  const answering = new Answering(options)
  const app = createHttpApp({
    renderProblem: ({ message }) => ({ message }),
    bodyBytesMax: BODY_BYTES_MAX,
    onBug: (error, request) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      answering.logError(`${request.method} ${pathOf(request)}: ${text}`)
    },
  })
  const routes = watchRoutes(app)
  if (options.notice !== undefined) {
    app.addHook('onSend', async (_request, reply) => void reply.header('x-pio-notice', NOTICE))
  }
  // The common Node client posts queries without a content type.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  addQueryRoutes(app, answering)
  addControlRoutes(app, answering, options)
  addPluginRoutes(app, options.plugins)
  answerOtherMethods(app, routes, { refuse: notAllowed })
  return app
}

/** Answers queries with the newest deployment, and counts them. */
class Answering {
  readonly #options: QueryServerOptions
  readonly #stats = new ServingStats(new Date())
  readonly #warnedKeys = new Set<string>()
  #current: Deployment

  constructor(options: QueryServerOptions) {
    this.#options = options
    this.#current = options.deployment
  }

  async answer(json: JsonValue): Promise<unknown> {
    // A reload during this answer does not touch it: models are taken once.
    const deployment = this.#current
    const startedMs = performance.now()
    const query = readQueryFor(deployment, json)
    this.#warnOfUnknownKeys(deployment, json)
    const prediction = await predict(deployment, query)
    const sent = await afterPrediction(this.#options, deployment, query, prediction)
    this.#stats.count((performance.now() - startedMs) / 1000)
    return sent
  }

  /** Once for each key: clients ask the same thing all day. */
  #warnOfUnknownKeys({ bound, context }: Deployment, json: JsonValue): void {
    for (const key of unknownKeys(bound.engine.query, json)) {
      if (this.#warnedKeys.has(key) || this.#warnedKeys.size >= WARNED_KEYS_MAX) continue
      this.#warnedKeys.add(key)
      context.log(`Queries have a field ${key}, which this engine does not know: it is ignored.`)
    }
  }

  /** Logs a query that failed, and returns the answer for its client: never internals. */
  report(error: unknown, query: string): Problem {
    const isExpected = error instanceof Problem
    const reason = isExpected
      ? error.message
      : ((error as Error | undefined)?.stack ?? String(error))
    this.logError(`Query:\n${query.slice(0, LOGGED_QUERY_LENGTH_MAX)}\n${reason}`)
    return isExpected ? error : problem('query_failed', 'This query failed. It has been logged.')
  }

  logError(message: string): void {
    this.#options.onError(this.#current, message)
  }

  async reload(): Promise<void> {
    this.#current = await this.#options.reload()
  }

  statusPage(): string {
    const { address, notice, feedback } = this.#options
    return statusPage(this.#current, this.#stats, { address, notice, feedback: feedback?.server })
      .text
  }
}

function addQueryRoutes(app: FastifyInstance, answering: Answering): void {
  app.post('/queries.json', async (request, reply) => {
    const text = queryText(request)
    try {
      const prediction = await answering.answer(parseLenientJson(text))
      return await reply.type('application/json').send(stringifyExactly(prediction ?? null))
    } catch (error) {
      throw answering.report(error, text)
    }
  })
  app.post('/batch/queries.json', async (request, reply) => {
    const results = await answerBatch(parseLenientJson(queryText(request)), answering)
    return reply.type('application/json').send(stringifyExactly(results))
  })
}

/** The status page, and what redeploy scripts ask for. */
function addControlRoutes(
  app: FastifyInstance,
  answering: Answering,
  { serverKey, stop }: QueryServerOptions,
): void {
  app.get('/', async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(answering.statusPage()),
  )
  app.post('/reload', async (request, reply) => {
    checkServerKey(request.query, serverKey)
    await answering.reload()
    return reply.type('text/plain').send('Reloading...')
  })
  app.post('/stop', async (request, reply) => {
    checkServerKey(request.query, serverKey)
    setTimeout(stop, STOP_DELAY_MS)
    return reply.type('text/plain').send('Shutting down...')
  })
}

/** A header is no place for file names: the log and the status page have the sentence. */
const NOTICE = 'the Scala sources of this engine were changed, and are not run'

const notAllowed = (allowed: readonly string[]): Problem =>
  problem('method_not_allowed', `HTTP method not allowed, supported methods: ${allowed.join(', ')}`)

/** Names of fields come from clients: so many are remembered. */
const WARNED_KEYS_MAX = 100

/** As large as the event server takes. */
const BODY_BYTES_MAX = 8 * 1024 * 1024
const STOP_DELAY_MS = 1000
/** Enough of a query to find it again. */
const LOGGED_QUERY_LENGTH_MAX = 1000

function queryText(request: FastifyRequest): string {
  if (typeof request.body === 'string') return request.body
  throw problem('query_invalid', 'A query is a JSON object in the body of the request.')
}

/** Sends feedback, then lets plugins see and change the prediction. */
async function afterPrediction(
  options: QueryServerOptions,
  deployment: Deployment,
  query: unknown,
  prediction: unknown,
): Promise<unknown> {
  const engineInstanceId = deployment.instance.id
  let sent = prediction
  if (options.feedback !== undefined) {
    const feedback = createFeedback({ engineInstanceId, query, prediction, at: new Date() })
    options.feedback.post(feedback.event)
    sent = feedback.prediction
  }
  for (const { plugin, params } of options.plugins) {
    if (plugin.kind !== 'outputblocker') continue
    sent = await plugin.process({ engineInstanceId, query, prediction: sent }, params)
  }
  for (const { plugin, params } of options.plugins) {
    if (plugin.kind !== 'outputsniffer') continue
    const answered = { engineInstanceId, query, prediction: sent }
    Promise.try(() => plugin.process(answered, params)).catch((error: unknown) =>
      options.onError(deployment, `The plugin ${plugin.name} failed: ${String(error)}`),
    )
  }
  return sent
}

/** One result a query, in their order: `{status: 200, prediction}` or `{status, message}`. */
async function answerBatch(json: JsonValue, answering: Answering): Promise<object[]> {
  if (!Array.isArray(json)) throw problem('query_invalid', 'A batch is a JSON array of queries.')
  if (json.length > BATCH_QUERIES_MAX) {
    throw problem('batch_too_large', `A batch has at most ${BATCH_QUERIES_MAX} queries.`)
  }
  return Promise.all(
    json.map(async (item: JsonValue) => {
      try {
        return { status: 200, prediction: (await answering.answer(item)) ?? null }
      } catch (error) {
        const { status, message } = answering.report(error, stringifyExactly(item))
        return { status, message }
      }
    }),
  )
}

const BATCH_QUERIES_MAX = 100

function addPluginRoutes(app: FastifyInstance, plugins: readonly EnabledPlugin[]): void {
  const ofKind = (kind: QueryServerPlugin['kind']) =>
    Object.fromEntries(
      plugins
        .filter(({ plugin }) => plugin.kind === kind)
        .map(({ plugin: { name, description }, params }) => [
          name,
          { name, description, class: name, params },
        ]),
    )
  app.get('/plugins.json', async () => ({
    plugins: { outputblockers: ofKind('outputblocker'), outputsniffers: ofKind('outputsniffer') },
  }))
  app.get<{ Params: { kind: string; name: string; '*': string } }>(
    '/plugins/:kind/:name/*',
    async (request, reply) => {
      const { kind, name, '*': rest } = request.params
      const found = plugins.find(({ plugin }) => plugin.kind === kind && plugin.name === name)
      if (found?.plugin.handleRest === undefined) throw problem('not_found', 'Not Found')
      const answer = found.plugin.handleRest(rest.split('/').filter(Boolean))
      return reply.type('application/json').send(stringifyExactly(answer ?? null))
    },
  )
}
