import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { Problem } from '@hokku/kit/problem'
import * as z from 'zod'
import type { Market } from '../../mturk/operations.ts'
import { problem } from '../../problems.ts'
import { sendJson } from '../../http/answers.ts'
import type { Method, Route } from '../../http/routes.ts'
import type { StudyServer } from '../../http/study-server.ts'
import { readVisitor, requireOwnSite, toLogin, type Visitor } from '../login.ts'
import { marketOf } from '../market-of.ts'

/** One request to the API, by someone who is logged in. */
export type Call = Readonly<{
  request: FastifyRequest
  reply: FastifyReply
  visitor: Visitor
  body: unknown
}>

export type Api = Readonly<{
  server: StudyServer
  /** The marketplace in the visitor's mode. */
  market: (visitor: Visitor) => Promise<Market>
  /** A route under `/api`; what the handler returns is sent as JSON, unless it has answered itself. */
  route: (method: Method, path: string, handler: (call: Call) => Promise<unknown>) => Route
}>

export function createApi(server: StudyServer, key: string): Api {
  return {
    server,
    market: (visitor) => marketOf(server, visitor.mode),
    route: (method, path, handler) => ({
      method,
      path: `/api${path}`,
      handler: async (request, reply) => {
        const visitor = readVisitor(request, key)
        if (visitor === undefined) return toLogin(request, reply)
        try {
          requireOwnSite(request)
          const value = await handler({ request, reply, visitor, body: readBody(request) })
          return reply.sent || value === reply ? reply : sendJson(reply, value)
        } catch (error) {
          return sendFailure(reply, error)
        }
      },
    }),
  }
}

function readBody(request: FastifyRequest): unknown {
  if (typeof request.body !== 'string') return request.body ?? {}
  try {
    return JSON.parse(request.body)
  } catch (error) {
    throw problem('body_invalid', 'The body is not valid JSON.', { cause: error })
  }
}

/** `{exception, message}` with 400, as the original answers; 403 and 404 say more and stay. */
function sendFailure(reply: FastifyReply, error: unknown): FastifyReply {
  if (error instanceof z.ZodError)
    return sendJson(reply, { exception: 'ValueError', message: z.prettifyError(error) }, 400)
  if (!(error instanceof Problem)) throw error
  const status = error.status === 404 || error.status === 403 ? error.status : 400
  return sendJson(reply, { exception: error.id, message: error.message }, status)
}

export const idOf = (request: FastifyRequest): string =>
  z.object({ id: z.string() }).parse(request.params).id

/** A time as an HTTP date, as the original writes it; text is UTC without a zone. */
export function httpDate(time: Date | string | undefined | null): string | null {
  if (time === undefined || time === null) return null
  return (time instanceof Date ? time : new Date(`${time.replace(' ', 'T')}Z`)).toUTCString()
}
