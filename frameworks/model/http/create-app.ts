import { createHash, timingSafeEqual } from 'node:crypto'
import { createHttpApp, pathOf, type FastifyInstance, type FastifyRequest } from '@hokku/kit/http'
import { answerOtherMethods, watchRoutes } from '@hokku/kit/other-methods'
import type { Problem } from '@hokku/kit/problem'
import { problem } from '../problems.ts'
import { readBodiesAsText } from './bodies.ts'
import { documentationRoutes } from './documentation-routes.ts'
import { exportRoutes } from './export-routes.ts'
import { healthRoutes } from './health-routes.ts'
import { listRoutes } from './list-routes.ts'
import { modelRoutes } from './model-routes.ts'
import { predictRoutes } from './predict-routes.ts'
import { problemBody } from './problem-body.ts'
import type { Service } from '../service/service.ts'

/** Adds routes to the app of a service. */
export type Routes = (app: FastifyInstance, service: Service) => void

/**
 * The HTTP side of a model.
 *
 * @param mounted what is mounted from above, such as the monitoring page
 */
export function createApp(service: Service, mounted: readonly Routes[]): FastifyInstance {
  const { bodyBytesMax } = service.config
  const app = createHttpApp({
    renderProblem: (failure) =>
      problemBody(failure.status === 413 ? tooLarge(bodyBytesMax) : failure),
    bodyBytesMax,
    trustProxy: true,
  })
  readBodiesAsText(app)
  const table = watchRoutes(app)
  if (service.config.token !== undefined) requireToken(app, service.config.token)
  for (const routes of [
    predictRoutes,
    listRoutes,
    exportRoutes,
    modelRoutes,
    documentationRoutes,
    healthRoutes,
    ...mounted,
  ]) {
    routes(app, service)
  }
  answerOtherMethods(app, table, { refuse: notAllowed })
  return app
}

const notAllowed = (allowed: readonly string[], request: FastifyRequest): Problem =>
  problem('method_not_allowed', `${pathOf(request)} wants a ${allowed.join(' or ')}.`, {
    hint: 'The page /docs has an example for curl.',
  })

const tooLarge = (bytesMax: number): Problem =>
  problem('body_too_large', `The body is larger than ${bytesMax} bytes.`, {
    hint: 'Send several requests, raise MODEL_BODY_BYTES, or score a file with model-server score.',
  })

const PUBLIC = new Set(['/healthz', '/readyz'])

/** A bearer token, or the password of any user, so that a browser can ask for it. */
function requireToken(app: FastifyInstance, token: string): void {
  const wanted = digest(token)
  app.addHook('onRequest', async (request, reply) => {
    if (PUBLIC.has(pathOf(request))) return
    if (timingSafeEqual(digest(tokenOf(request)), wanted)) return
    reply.header('www-authenticate', 'Basic realm="model"')
    throw problem('token_missing', 'This needs the token of MODEL_TOKEN.', {
      hint: 'Send the header Authorization: Bearer TOKEN.',
    })
  })
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

function tokenOf(request: FastifyRequest): string {
  const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(' ')
  if (scheme.toLowerCase() === 'bearer') return value
  if (scheme.toLowerCase() !== 'basic') return ''
  const pair = Buffer.from(value, 'base64').toString('utf8')
  return pair.slice(pair.indexOf(':') + 1)
}
