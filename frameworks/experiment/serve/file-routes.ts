import { send } from '@fastify/send'
import { pathOf, type FastifyReply, type FastifyRequest } from '@hokku/kit/http'
import { Problem } from '@hokku/kit/problem'
import { join } from 'node:path'
import { firstOf } from '../participants/identity.ts'
import { problem } from '../problems.ts'
import { errorPage, page } from '../http/answers.ts'
import type { Route } from '../http/routes.ts'
import type { StudyServer } from '../http/study-server.ts'

/** Files: our client library, the study's `static/`, and its `templates/` as they are. */
export function fileRoutes(server: StudyServer): Route[] {
  const { directory, settings } = server.study
  const statics = join(directory, 'static')
  const templates = join(directory, 'templates')
  const get = (path: string, handler: Route['handler']): Route => ({ method: 'GET', path, handler })
  const rendered = page(server, (request) => {
    const name = tail(request, '/')
    if (!server.templates.has(name)) throw notFound(request)
    return server.templates.render(name, {})
  })
  return [
    // Studies carry old copies of the library; ours answers under its name in all of them.
    get('/static/js/psiturk.js', (request, reply) =>
      sendFile(request, reply, CLIENT, 'psiturk.js'),
    ),
    get('/favicon.ico', (request, reply) => sendFile(request, reply, statics, 'favicon.ico')),
    get('/static/*', (request, reply) =>
      sendFile(request, reply, statics, tail(request, '/static/')),
    ),
    get('/*', async (request, reply) => {
      try {
        const name = tail(request, '/')
        const isPage = settings.server.render_pages && name.endsWith('.html')
        return await (isPage ? rendered(request, reply) : sendFile(request, reply, templates, name))
      } catch (error) {
        if (!isMissing(error) || !wantsPage(request)) throw error
        const text = errorPage(server, 'page_not_found', firstOf(request.query))
        return reply.code(404).type('text/html; charset=utf-8').send(text)
      }
    }),
  ]
}

const CLIENT = join(import.meta.dirname, '..', 'client')

function tail(request: FastifyRequest, prefix: string): string {
  try {
    return decodeURIComponent(pathOf(request)).slice(prefix.length)
  } catch {
    throw notFound(request)
  }
}

const notFound = (request: FastifyRequest): Error =>
  problem('page_not_found', `There is no page ${pathOf(request)}.`)

const isMissing = (error: unknown): boolean =>
  error instanceof Problem && error.code === 'page_not_found'

/** Someone looks at it; programs and the client library get JSON. */
const wantsPage = (request: FastifyRequest): boolean =>
  request.headers.accept?.includes('text/html') === true

async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  root: string,
  name: string,
): Promise<FastifyReply> {
  // Hidden files (.env, .git) are as if they were not there; `send` keeps paths below the root.
  const sent = await send(request.raw, encodeURI(name).replaceAll(/[?#]/g, encodeURIComponent), {
    root,
    dotfiles: 'ignore',
    index: false,
    maxAge: MAX_AGE_MS,
  })
  if (sent.type !== 'file') throw notFound(request)
  return reply.code(sent.statusCode).headers(sent.headers).send(sent.stream)
}

const MAX_AGE_MS = 10_000
