import { send } from '@fastify/send'
import { pathOf, type FastifyReply, type FastifyRequest } from '@hokku/kit/http'
import { join } from 'node:path'
import { problem } from '../problems.ts'
import { page } from '../http/answers.ts'
import type { Route } from '../http/routes.ts'
import type { StudyServer } from '../http/study-server.ts'
import { isPublicFile } from './page-study.ts'
import { LIBRARY, LIBRARY_ELSEWHERE } from './guard.ts'

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
    get(LIBRARY, (request, reply) => sendFile(request, reply, CLIENT, 'psiturk.js')),
    get(LIBRARY_ELSEWHERE, (request, reply) => sendFile(request, reply, CLIENT, 'psiturk.js')),
    get('/static/js/study.js', (request, reply) => sendFile(request, reply, CLIENT, 'study.js')),
    get('/static/js/study.mjs', (request, reply) => sendFile(request, reply, CLIENT, 'study.mjs')),
    get('/favicon.ico', (request, reply) => sendFile(request, reply, statics, 'favicon.ico')),
    get('/static/*', (request, reply) =>
      sendFile(request, reply, statics, tail(request, '/static/')),
    ),
    get('/*', async (request, reply) => {
      const name = tail(request, '/')
      const isPage = settings.server.render_pages && name.endsWith('.html')
      if (server.isPage) {
        // The page without what the server puts into it would save nothing.
        if (name === 'index.html') return await reply.redirect(`/${queryOf(request)}`, 302)
        if (!isPublicFile(name)) throw notFound(request)
        return await sendFile(request, reply, directory, name)
      }
      return await (isPage ? rendered(request, reply) : sendFile(request, reply, templates, name))
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

const queryOf = ({ url }: FastifyRequest): string => /\?.*/.exec(url)?.[0] ?? ''

const notFound = (request: FastifyRequest): Error =>
  problem('page_not_found', `There is no page ${pathOf(request)}.`)

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
