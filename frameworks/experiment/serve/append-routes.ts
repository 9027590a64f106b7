import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import * as z from 'zod'
import { sendPythonJson, statusJson } from '../http/answers.ts'
import type { Route } from '../http/routes.ts'
import type { StudyServer } from '../http/study-server.ts'
import { requireToken } from '../http/token.ts'
import { firstOf, UniqueId } from '../participants/identity.ts'
import { problem } from '../problems.ts'
import { createAppend } from '../store/append.ts'

/** Saving only what is new, as `study.js` does. */
export function appendRoutes(server: StudyServer): Route[] {
  const append = createAppend(server.tables, server.pool)
  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const params = Params.safeParse(request.params)
    const part = Part.safeParse(firstOf(request.query)['part'])
    if (!params.success) throw notFound()
    requireToken(server, params.data.uid, request)
    if (!part.success || typeof request.body !== 'string')
      throw problem(
        'body_invalid',
        'A message has the parameter part=<page>-<number> and a JSON body.',
      )
    const isKnown = await append(params.data.uid, { part: part.data, body: request.body })
    if (!isKnown) throw notFound()
    server.saves.forget(params.data.uid)
    return sendPythonJson(reply, SAVED)
  }
  return [{ method: 'POST', path: '/append/:uid', handler }]
}

const Params = z.object({ uid: UniqueId })
const Part = z.string().regex(/^[A-Za-z0-9]{1,40}-\d{1,9}$/)
const SAVED = statusJson('user data saved')

const notFound = (): Error => problem('participant_not_found', 'There is no such participant.')
