import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import * as z from 'zod'
import { ParticipantError } from '../pages/error-pages.ts'
import { firstOf, ID_LENGTH_MAX, UniqueId } from '../participants/identity.ts'
import { isDebugId } from '../participants/status.ts'
import { problem } from '../problems.ts'
import { endPage } from '../recruiting/end-page.ts'
import { errorPage, page, sendPythonJson, statusJson } from '../http/answers.ts'
import type { Route } from '../http/routes.ts'
import type { StudyServer } from '../http/study-server.ts'
import { requireToken } from '../http/token.ts'

/** What pages report while a participant continues: started, left, completed, submitted. */
export function progressRoutes(server: StudyServer): Route[] {
  return [
    {
      method: 'POST',
      path: '/inexp',
      handler: (request, reply) => markStarted(server, request, reply),
    },
    {
      method: 'POST',
      path: '/quitter',
      handler: (request, reply) => markQuit(server, request, reply),
    },
    {
      method: 'GET',
      path: '/complete',
      handler: page(server, (_, query) => showComplete(server, query)),
    },
    {
      method: 'GET',
      path: '/worker_complete',
      handler: (request, reply) => markByWorker(server, 'completed', request, reply),
    },
    {
      method: 'GET',
      path: '/worker_submitted',
      handler: (request, reply) => markByWorker(server, 'submitted', request, reply),
    },
    {
      method: 'POST',
      path: '/psiturk_problem',
      bodyBytesMax: PROBLEM_BYTES_MAX,
      handler: (request, reply) => noteProblem(server, request, reply),
    },
    {
      method: 'GET',
      path: '/check_worker_status',
      handler: (request, reply) => checkStatus(server, request, reply),
    },
  ]
}

const SUCCESS = statusJson('success')
const UNKNOWN_ID = statusJson('error, uniqueId not found')
const DEBUGGING = statusJson("didn't mark as quitter since this is debugging")
const QUITTER = statusJson('marked as quitter')
const BAD_REQUEST = statusJson('bad request')
const DATABASE_ERROR = statusJson('database error')

/** An error page from a route that otherwise answers JSON. */
function sendErrorPage(
  server: StudyServer,
  key: 'improper_inputs' | 'tried_to_quit',
  reply: FastifyReply,
  fields: Readonly<Record<string, string>>,
): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(errorPage(server, key, fields))
}

async function markStarted(server: StudyServer, request: FastifyRequest, reply: FastifyReply) {
  const form = firstOf(request.body)
  const uniqueId = UniqueId.safeParse(form['uniqueId'])
  if (!uniqueId.success) return sendErrorPage(server, 'improper_inputs', reply, form)
  requireToken(server, uniqueId.data, request, form['token'])
  const isKnown = await server.steps.add({ uniqueId: uniqueId.data, step: 'started' })
  return sendPythonJson(reply, isKnown ? SUCCESS : UNKNOWN_ID)
}

async function markQuit(server: StudyServer, request: FastifyRequest, reply: FastifyReply) {
  const form = firstOf(request.body)
  const uniqueId = UniqueId.safeParse(form['uniqueId'])
  if (!uniqueId.success) throw problem('parameter_missing', 'The form field uniqueId is missing.')
  if (isDebugId(uniqueId.data)) {
    return sendPythonJson(reply, DEBUGGING)
  }
  requireToken(server, uniqueId.data, request, form['token'])
  const isKnown = await server.steps.add({ uniqueId: uniqueId.data, step: 'quitEarly' })
  if (!isKnown) return sendErrorPage(server, 'tried_to_quit', reply, form)
  return sendPythonJson(reply, QUITTER)
}

async function showComplete(
  server: StudyServer,
  query: Readonly<Record<string, string>>,
): Promise<string> {
  const uniqueId = UniqueId.safeParse(query['uniqueId'])
  if (!uniqueId.success) throw new ParticipantError('improper_inputs')
  const mode = query['mode'] || (isDebugId(uniqueId.data) ? 'debug' : 'live')
  const isKnown = await finish(server, 'completed', uniqueId.data)
  if (!isKnown) throw new ParticipantError('error_setting_worker_complete')
  if (mode === 'sandbox' || mode === 'live') return server.templates.render('closepopup.html', {})
  return endPage(server, mode, uniqueId.data)
}

async function finish(
  server: StudyServer,
  step: 'completed' | 'submitted',
  uniqueId: string,
): Promise<boolean> {
  const isKnown = await server.steps.add({ uniqueId, step })
  server.saves.forget(uniqueId)
  return isKnown
}

async function markByWorker(
  server: StudyServer,
  step: 'completed' | 'submitted',
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const uniqueId = UniqueId.safeParse(firstOf(request.query)['uniqueId'])
  if (!uniqueId.success) return sendPythonJson(reply, BAD_REQUEST)
  const isKnown = await finish(server, step, uniqueId.data)
  return sendPythonJson(reply, isKnown ? SUCCESS : DATABASE_ERROR)
}

/** A sentence, and an id. */
const PROBLEM_BYTES_MAX = 4096
const PROBLEM_LENGTH_MAX = 200

/** What the library could not do for a participant; the participant reads it too. */
function noteProblem(
  server: StudyServer,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { uniqueId = '', what = '' } = firstOf(request.body)
  const text = `${uniqueId.slice(0, ID_LENGTH_MAX)}: ${what.slice(0, PROBLEM_LENGTH_MAX)}`
  server.log.error(`The page of a participant says: ${text}`)
  return sendPythonJson(reply, SUCCESS)
}

const StatusQuery = z.object({ assignmentId: z.string() })

async function checkStatus(server: StudyServer, request: FastifyRequest, reply: FastifyReply) {
  const query = firstOf(request.query)
  const workerId = UniqueId.safeParse(query['workerId'])
  if (!workerId.success) return sendPythonJson(reply, BAD_REQUEST)
  const rest = StatusQuery.safeParse(query)
  if (!rest.success) throw problem('parameter_missing', 'The parameter assignmentId is missing.')
  const rows = await server.workers.add(workerId.data)
  const counted = server.study.settings.task.allow_repeats
    ? rows.filter((row) => row.assignmentid === rest.data.assignmentId)
    : rows
  return sendPythonJson(reply, statusJson(Math.max(0, ...counted.map((row) => row.status))))
}
