import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { randomUUID } from 'node:crypto'
import type { RequestListener, Server } from 'node:http'
import { createServer } from 'node:https'
import { Problem } from './problem.ts'

export type { FastifyInstance, FastifyReply, FastifyRequest }

/** Renders a failure in a product's wire format; `Problem`s only, bugs arrive as a plain 500. */
export type ProblemRenderer = (problem: Problem, request: FastifyRequest) => unknown

export type HttpOptions = Readonly<{
  /** Body of an error answer, e.g. `{ id, message }` or `{ message }`. */
  renderProblem: ProblemRenderer
  /** The same as a page, for browsers; undefined where the failure is not shown so. */
  renderPage?: (problem: Problem, request: FastifyRequest) => string | undefined
  /** Largest accepted body in bytes; larger ones answer 413. */
  bodyBytesMax: number
  /** Called with everything thrown that is not a `Problem`, with the request id. */
  onBug?: (error: unknown, request: FastifyRequest) => void
  /** Trust `X-Forwarded-*` of the router in front. */
  trustProxy?: boolean
  /** Serves HTTPS itself, where no router in front does. */
  tls?: Readonly<{ cert: Buffer; key: Buffer }>
}>

/**
 * A Fastify application with our conventions: one error renderer, a request id from the router or
 * our own, a named body limit. Bodies arrive parsed but unvalidated; handlers use zod.
 */
export function createHttpApp(options: HttpOptions): FastifyInstance {
  const { tls } = options
  const app = fastify({
    ...(tls === undefined ? {} : { serverFactory: secureServer(tls) }),
    bodyLimit: options.bodyBytesMax,
    trustProxy: options.trustProxy ?? false,
    genReqId: (request) => requestIdOf(request.headers['x-request-id']),
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
  })
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error)
    if (problem === BUG) (options.onBug ?? printBug)(error, request)
    // Overloaded or restarting: clients that can wait learn how long.
    if (problem.status === 503) void reply.header('retry-after', RETRY_AFTER_S)
    // A stream that failed before its first byte has left its own type behind.
    reply.removeHeader('content-type')
    return sendProblem(problem, request, reply, options)
  })
  app.setNotFoundHandler((request, reply) => {
    const problem = new Problem(
      'route_not_found',
      { id: 'not_found', status: 404 },
      `There is nothing at ${request.method} ${pathOf(request)}.`,
    )
    return sendProblem(problem, request, reply, options)
  })
  return app
}

/** A page for people, who look at it; programs and libraries of pages get the wire format. */
function sendProblem(
  problem: Problem,
  request: FastifyRequest,
  reply: FastifyReply,
  { renderProblem, renderPage }: HttpOptions,
): FastifyReply {
  const isBrowser = request.headers.accept?.includes('text/html') === true
  const page = isBrowser ? renderPage?.(problem, request) : undefined
  void reply.code(problem.status)
  if (page === undefined) return reply.send(renderProblem(problem, request))
  return reply.type('text/html; charset=utf-8').send(page)
}

/** The address without its query, which may carry ids and tokens. */
export const pathOf = ({ url }: Pick<FastifyRequest, 'url'>): string => url.split('?')[0] ?? ''

const secureServer =
  (tls: NonNullable<HttpOptions['tls']>) =>
  (handler: RequestListener): Server =>
    createServer(tls, handler)

/** Seconds. Queues of a second's length are empty by then. */
const RETRY_AFTER_S = 1

/** Longest path parameter: as long as a request's head may be, so that handlers say what is wrong. */
const PARAM_LENGTH_MAX = 16 * 1024

const BUG = new Problem(
  'internal_error',
  { id: 'internal_server_error', status: 500 },
  'Something went wrong on our side. It has been logged.',
)

/** Fastify's own failures (malformed JSON, body too large, unknown media type) keep their status. */
function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (!isClientError(error)) return BUG
  const id = error.statusCode === 413 ? 'request_entity_too_large' : 'bad_request'
  return new Problem(error.code ?? id, { id, status: error.statusCode }, error.message)
}

function isClientError(error: unknown): error is Error & { statusCode: number; code?: string } {
  if (!(error instanceof Error) || !('statusCode' in error)) return false
  const status = error.statusCode
  return typeof status === 'number' && status >= 400 && status < 500
}

function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && /^[\w-]{20,200}$/.test(header) ? header : randomUUID()
}

function printBug(error: unknown, request: FastifyRequest): void {
  console.error(`request ${request.id} ${request.method} ${pathOf(request)}:`, error)
}
