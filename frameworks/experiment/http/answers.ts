import { pathOf, type FastifyReply, type FastifyRequest } from '@hokku/kit/http'
import { Problem } from '@hokku/kit/problem'
import { rewriteJson } from '../documents/json-rewriter.ts'
import { errorVariables, ParticipantError, type ParticipantErrorKey } from '../pages/error-pages.ts'
import { firstOf } from '../participants/identity.ts'
import type { StudyServer } from './study-server.ts'

/**
 * JSON text as the original sends it: sorted keys, ASCII, one line break at the end. Numbers keep
 * their form.
 *
 * @throws Problem `body_invalid` if it is not JSON
 */
export const pythonJson = (text: string): string =>
  rewriteJson(text, 'answer').bytes.toString('latin1')

/** What most routes that are not pages say. */
export const statusJson = (status: string | number): string =>
  pythonJson(JSON.stringify({ status }))

export function sendJson(reply: FastifyReply, value: unknown, status = 200): FastifyReply {
  return sendPythonJson(reply.code(status), pythonJson(JSON.stringify(value)))
}

/** @param json ASCII */
export function sendPythonJson(reply: FastifyReply, json: string): FastifyReply {
  // Without a serializer Fastify adds a charset to the type; the original has none.
  return reply.serializer(asItIs).header('Content-Type', 'application/json').send(json)
}

const asItIs = (json: unknown): string => json as string

export type PageHandler = (
  request: FastifyRequest,
  query: Readonly<Record<string, string>>,
) => Promise<string> | string

/**
 * A route that answers with a page. Failures of a participant's visit end in `error.html` with
 * status 200, as the original answers; anything unexpected is logged and shown as error 9999.
 */
export function page(server: StudyServer, handler: PageHandler) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<string> => {
    void reply.header('Cache-Control', 'no-cache').type('text/html; charset=utf-8')
    const query = firstOf(request.query)
    try {
      return await handler(request, query)
    } catch (error) {
      if (error instanceof Problem) throw error
      if (error instanceof ParticipantError) return errorPage(server, error.key, query)
      server.log.error(`${request.method} ${pathOf(request)}`, error)
      void reply.code(500)
      return errorPage(server, 'unknown_error', query)
    }
  }
}

/** The study's own `error.html`; ours when that one is missing or broken itself. */
export function errorPage(
  server: StudyServer,
  key: ParticipantErrorKey,
  query: Readonly<Record<string, string>>,
): string {
  const contact = server.study.settings.task.contact_email_on_error
  return renderError(server, errorVariables(key, contact, query))
}

/** A failure that has no number of the original, on the same page. */
export function problemPage(
  server: StudyServer,
  { status, message }: Problem,
  query: Readonly<Record<string, string>>,
): string {
  if (status === 404) return errorPage(server, 'page_not_found', query)
  const contact = server.study.settings.task.contact_email_on_error
  const variables = errorVariables('unknown_error', contact, query)
  return renderError(server, { ...variables, errornum: status, errordesc: message })
}

function renderError(server: StudyServer, variables: Readonly<Record<string, unknown>>): string {
  try {
    return server.templates.render('error.html', variables)
  } catch (error) {
    server.log.error('error.html', error)
    return `<!doctype html><title>Error</title><p><b>Error</b>: ${String(variables['errornum'])}</p><p>${String(variables['errordesc'])}</p>`
  }
}
