import { pathOf, type FastifyReply, type FastifyRequest } from '@hokku/kit/http'
import { Problem } from '@hokku/kit/problem'
import { timingSafeEqual } from 'node:crypto'
import { createHash } from 'node:crypto'
import { ParticipantError } from '../pages/error-pages.ts'
import { firstOf } from '../participants/identity.ts'
import { problem } from '../problems.ts'
import { errorPage, sendJson } from '../http/answers.ts'
import type { Method, Route } from '../http/routes.ts'
import type { StudyServer } from '../http/study-server.ts'
import {
  Abort,
  Redirect,
  type CustomContext,
  type CustomHandler,
  type CustomStudy,
  type StudyApi,
} from './define-study.ts'
import { addFlash, takeFlashes } from './flash.ts'
import { participantsApi } from './participants.ts'

/** What a study's code gets to work with. */
export function studyApi(server: StudyServer): StudyApi {
  return {
    participants: participantsApi(server.pool, server.tables, server.saves),
    sql: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await server.pool.query<Row>(text, [...values])).rows,
    config: (section, option) =>
      server.study.sections.get(section)?.get(option.toLowerCase())?.text,
    log: (text) => server.log.warning(text),
  }
}

/** The routes of a study's own code, in our terms. */
export function customRoutes(server: StudyServer, custom: CustomStudy): Route[] {
  const api = studyApi(server)
  return Object.entries(custom.routes ?? {}).map(([address, handler]) => {
    const [method, path] = splitAddress(address)
    return {
      method,
      path,
      handler: (request, reply) => answer(server, api, handler as CustomHandler, request, reply),
    }
  })
}

function splitAddress(address: string): [Method, string] {
  const [, method, path] = /^(GET|POST|PUT|PATCH|DELETE) (\/\S*)$/.exec(address) ?? []
  if (method !== undefined && path !== undefined) return [method as Method, path]
  throw problem('custom_code_broken', `custom.ts: "${address}" is not the address of a route.`, {
    hint: "Routes are named like 'GET /compute_bonus'.",
  })
}

async function answer(
  server: StudyServer,
  api: StudyApi,
  handler: CustomHandler,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  try {
    return sendAnswer(reply, await handler(contextOf(server, api, request, reply)))
  } catch (error) {
    if (error instanceof Problem) throw error
    if (error instanceof Abort) return reply.code(error.status).send({ message: error.message })
    const key = error instanceof ParticipantError ? error.key : 'unknown_error'
    if (key === 'unknown_error') {
      server.log.error(`custom.ts ${request.method} ${pathOf(request)}`, error)
      void reply.code(500)
    }
    return reply
      .type('text/html; charset=utf-8')
      .send(errorPage(server, key, firstOf(request.query)))
  }
}

function sendAnswer(reply: FastifyReply, value: unknown): FastifyReply {
  if (value instanceof Redirect) return reply.redirect(value.address, 302)
  if (value === undefined) return reply.code(204).send()
  if (typeof value === 'string') return reply.type('text/html; charset=utf-8').send(value)
  return sendJson(reply, value, reply.statusCode)
}

function contextOf(
  server: StudyServer,
  api: StudyApi,
  request: FastifyRequest,
  reply: FastifyReply,
): CustomContext {
  const isJson = typeof request.body === 'string'
  return {
    ...api,
    query: firstOf(request.query),
    form: isJson ? {} : firstOf(request.body),
    json: isJson ? readJson(String(request.body)) : undefined,
    params: firstOf(request.params),
    headers: request.headers,
    render: (template, variables = {}) =>
      server.templates.render(template, {
        get_flashed_messages: () => takeFlashes(request, reply),
        ...variables,
      }),
    flash: (message) => addFlash(request, reply, message),
    redirect: (address) => new Redirect(address),
    abort: (status, message = 'The study ended this request.') => {
      throw new Abort(status, message)
    },
    error: (key) => {
      throw new ParticipantError(key)
    },
    requireLogin: () => requireLogin(server, request, reply),
    noCache: () => void reply.header('Cache-Control', 'no-cache, no-store, must-revalidate'),
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw problem('body_invalid', 'The body is not valid JSON.', { cause: error })
  }
}

function requireLogin(server: StudyServer, request: FastifyRequest, reply: FastifyReply): void {
  const { login_username, login_pw, secret_key } = server.study.settings.server
  const isConfigured = login_username !== '' && login_pw !== '' && secret_key !== ''
  const given = /^Basic ([A-Za-z0-9+/=]+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
  const expected = Buffer.from(`${login_username}:${login_pw}`).toString('base64')
  if (isConfigured && isSame(given, expected)) return
  void reply.header('WWW-Authenticate', 'Basic realm="Login Required"')
  throw new Abort(401, 'Could not verify your access level. Please log in.')
}

/** Compares digests, so that neither content nor length shows in the time it takes. */
export function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}
