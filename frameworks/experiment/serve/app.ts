import {
  pathOf,
  createHttpApp,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from '@hokku/kit/http'
import { answerOtherMethods, watchRoutes } from '@hokku/kit/other-methods'
import type { Problem } from '@hokku/kit/problem'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { problem } from '../problems.ts'

import { firstOf } from '../participants/identity.ts'
import { problemPage } from '../http/answers.ts'
import { recruitingRoutes } from '../recruiting/recruiting-routes.ts'
import { BODY_BYTES_MAX } from '../http/limits.ts'
import { appendRoutes } from './append-routes.ts'
import { entryRoutes } from './entry-routes.ts'
import { fileRoutes } from './file-routes.ts'
import { progressRoutes } from './progress-routes.ts'
import type { Route } from '../http/routes.ts'
import type { StudyServer } from '../http/study-server.ts'
import { syncRoutes } from './sync-routes.ts'

/**
 * The HTTP side of a study.
 *
 * @param own routes of the study's own code and of the dashboard; they replace ours of the same
 * method and path
 * @param first asked before all routes, which answer what it does not
 */
export function createStudyApp(
  server: StudyServer,
  own: readonly Route[] = [],
  first?: FirstAnswer,
): FastifyInstance {
  const app = createHttpApp({
    bodyBytesMax: BODY_BYTES_MAX,
    ...readTls(server),
    renderProblem: (failure: Problem) => ({ message: failure.message }),
    renderPage: (failure, request) => problemPage(server, failure, firstOf(request.query)),
    onBug: (error, request) => server.log.error(`${request.method} ${pathOf(request)}`, error),
  })
  parseBodies(app)
  limitBodiesInFlight(app)
  if (first !== undefined) app.addHook('onRequest', first)
  const routes = withoutReplaced(own, [
    ...entryRoutes(server),
    ...progressRoutes(server),
    ...syncRoutes(server),
    ...appendRoutes(server),
    ...recruitingRoutes(server),
    ...fileRoutes(server),
  ])
  const table = watchRoutes(app)
  logAccess(app, server)
  for (const { method, path, handler, bodyBytesMax } of routes) {
    app.route({
      method,
      url: path,
      handler,
      ...(bodyBytesMax === undefined ? {} : { bodyLimit: bodyBytesMax }),
    })
  }
  answerOtherMethods(app, table, { refuse: notAllowed, listsOptions: true })
  return app
}

/** Another program beside this server that answers some requests. */
export type FirstAnswer = (
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<FastifyReply | undefined>

const notAllowed = (_allowed: readonly string[], { method }: FastifyRequest): Problem =>
  problem('method_not_allowed', `${method} is not possible here.`)

/** Both files of `certfile` and `keyfile`, or neither. */
function readTls({ study }: StudyServer): { tls?: { cert: Buffer; key: Buffer } } {
  const { certfile, keyfile } = study.settings.server
  if (certfile === '' || keyfile === '') return {}
  const read = (option: string, path: string): Buffer => {
    try {
      return readFileSync(resolve(study.directory, path))
    } catch (error) {
      throw problem('config_invalid', `${option} ${path} cannot be read.`, { cause: error })
    }
  }
  return { tls: { cert: read('certfile', certfile), key: read('keyfile', keyfile) } }
}

function withoutReplaced(own: readonly Route[], builtIn: readonly Route[]): Route[] {
  const keyOf = (route: Route): string => `${route.method} ${route.path}`
  const taken = new Set(own.map(keyOf))
  return [...own, ...builtIn.filter((route) => !taken.has(keyOf(route)))]
}

/** JSON stays text, since documents are stored as they came; forms become objects. */
function parseBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(JSON_TYPE, { parseAs: 'string' }, (_, body, done) => {
    done(null, body)
  })
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_, body, done) => {
      done(null, Object.fromEntries(new URLSearchParams(String(body)).entries()))
    },
  )
  app.addContentTypeParser(
    'multipart/form-data',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => {
      const headers = { 'content-type': request.headers['content-type'] ?? '' }
      const form = await new Response(new Uint8Array(body), { headers })
        .formData()
        .catch((cause: unknown) => {
          throw problem('body_invalid', 'The form cannot be read.', { cause })
        })
      return Object.fromEntries([...form].filter(([, value]) => typeof value === 'string'))
    },
  )
  app.addContentTypeParser('*', (request, _, done) => {
    const type = request.headers['content-type'] ?? 'nothing'
    done(
      problem(
        'media_type_unsupported',
        `The header Content-Type says ${type}; documents come as application/json, forms as application/x-www-form-urlencoded.`,
      ),
    )
  })
}

/** `application/json`, and what is built on it: `application/vnd.api+json`. */
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\b/i

/**
 * A dyno has 512 MB. Large documents that arrive at once are asked to come again (the client library
 * does), rather than to end the process together.
 */
function limitBodiesInFlight(app: FastifyInstance): void {
  let inFlight = 0
  app.addHook('onRequest', (request, reply, done) => {
    const bytes = Number(request.headers['content-length'] ?? 0) || 0
    if (bytes < LARGE_BODY_BYTES) return done()
    if (inFlight + bytes > BODIES_IN_FLIGHT_BYTES_MAX && inFlight > 0) {
      return done(problem('overloaded', 'Too much is being saved at once. Please try again.'))
    }
    inFlight += bytes
    reply.raw.once('close', () => (inFlight -= bytes))
    return done()
  })
}

const LARGE_BODY_BYTES = 256 * 1024
const BODIES_IN_FLIGHT_BYTES_MAX = 96 * 1024 * 1024

function logAccess(app: FastifyInstance, server: StudyServer): void {
  const { accesslog } = server.study.settings.server
  if (accesslog === '' || accesslog === '/dev/null') return
  app.addHook('onResponse', (request: FastifyRequest, reply: FastifyReply, done) => {
    const ms = Math.round(reply.elapsedTime)
    server.log.access(
      `${request.ip} ${new Date().toISOString()} "${request.method} ${loggedPath(request)}" ${reply.statusCode} ${ms}ms`,
    )
    done()
  })
}

/** The log outlives participants: where an address holds an id, it says so in place of the id. */
function loggedPath(request: FastifyRequest): string {
  const { url } = request.routeOptions
  return url?.includes(':') === true ? url : pathOf(request)
}
