import { createHttpApp, type FastifyInstance, type FastifyRequest } from '@hokku/kit/http'
import type { Problem } from '@hokku/kit/problem'
import { unauthorized } from './access.ts'
import { addAnswerHeaders } from './answer-headers.ts'
import { keepAuditLog } from './audit.ts'
import { authenticate } from './authenticate.ts'
import { refuseFields } from './body.ts'
import { problem } from '../store/index.ts'
import type { Plane } from './plane.ts'
import { isGit, neededScope, scopesAllow, scopesOf } from './scopes.ts'

/** Adds the routes of one resource. */
export type Routes = (api: FastifyInstance, plane: Plane) => void

/** The Platform API v3 as the `heroku` CLI speaks it; `routes` are its resources. */
export function createApi(plane: Plane, routes: readonly Routes[]): FastifyInstance {
  const api = createHttpApp({
    renderProblem,
    bodyBytesMax: BODY_BYTES_MAX,
    trustProxy: true,
  })
  acceptSloppyBodies(api)
  api.decorateRequest('holder', null)
  api.addHook('onRequest', async (request, reply) => {
    reply.header('request-id', request.id)
    request.holder = authenticate(request, plane.store)
    checkToken(request)
  })
  keepAuditLog(api, plane.store)
  api.addHook('preHandler', async (request) => refuseFields(request))
  addAnswerHeaders(api)
  for (const add of routes) add(api, plane)
  return api
}

/** @throws Problem `unauthorized`, `forbidden` for what the token's scopes leave out */
function checkToken({ holder, method, routeOptions }: FastifyRequest): void {
  const { config, url: route = '' } = routeOptions
  if (holder === null && config.public !== true) throw unauthorized()
  // git's routes answer in git's manner when there is no token.
  if (holder === null || (config.public === true && !isGit(route))) return
  if (scopesAllow(scopesOf(holder.authorization), method, route)) return
  throw problem(
    'forbidden',
    `This token may not do that: it needs the scope ${neededScope(method, route)}.`,
    {
      hint: 'Make one that may: heroku authorizations:create --scope <scope>',
    },
  )
}

/** Config vars may take 64 kB in all, public keys and app.json less; 1 MB leaves room. */
const BODY_BYTES_MAX = 1024 * 1024

/** Heroku's error body; our hint follows the message, since the CLI prints nothing else. */
export function renderProblem(problem: Problem): Record<string, unknown> {
  const message =
    problem.hint === undefined ? problem.message : `${problem.message}\n${problem.hint}`
  return { id: problem.id, message, ...problem.details }
}

/** `POST` and `DELETE` come with an empty body, with or without a content type. */
function acceptSloppyBodies(api: FastifyInstance): void {
  api.removeContentTypeParser('application/json')
  api.addContentTypeParser<string>(
    ['application/json', 'application/vnd.heroku+json'],
    { parseAs: 'string' },
    (_request, body, done) => {
      if (body.trim() === '') return done(null, undefined)
      try {
        done(null, JSON.parse(body))
      } catch {
        const error = new Error('The request body is not valid JSON.')
        done(Object.assign(error, { statusCode: 400, code: 'bad_request' }))
      }
    },
  )
}
