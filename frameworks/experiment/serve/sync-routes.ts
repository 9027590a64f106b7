import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import * as z from 'zod'
import { canonicalDocument, isObject } from '../documents/canonical-document.ts'
import { dumps, type PythonValue } from '../documents/python-json.ts'
import { Float } from '../documents/python-number.ts'
import { firstOf, UniqueId } from '../participants/identity.ts'
import { problem } from '../problems.ts'
import type { Loaded } from '../store/participants.ts'
import type { Save } from '../store/saves.ts'
import { pythonJson, sendJson, sendPythonJson, statusJson } from '../http/answers.ts'
import type { Route } from '../http/routes.ts'
import type { StudyServer } from '../http/study-server.ts'
import { requireToken } from '../http/token.ts'

/** Reading and saving a participant's document. */
export function syncRoutes(server: StudyServer): Route[] {
  const save: Route['handler'] = (request, reply) => saveDocument(server, request, reply)
  const options = { path: '/sync/:uid', bodyBytesMax: DOCUMENT_BYTES_MAX }
  return [
    {
      ...options,
      method: 'GET',
      handler: (request, reply) => loadDocument(server, request, reply),
    },
    { ...options, method: 'PUT', handler: save },
    // What a browser sends while its page goes away can only be a POST.
    { ...options, method: 'POST', handler: save },
  ]
}

/** Mouse tracking, drawings and sound make documents of many megabytes. */
const DOCUMENT_BYTES_MAX = 64 * 1024 * 1024

const Params = z.object({ uid: UniqueId })

async function loadDocument(server: StudyServer, request: FastifyRequest, reply: FastifyReply) {
  const params = Params.safeParse(request.params)
  if (!params.success) throw notFound()
  const { uid } = params.data
  requireToken(server, uid, request)
  const loaded = await server.loads.add(uid)
  if (loaded === undefined) throw notFound()
  void reply.header('Cache-Control', 'no-cache')
  return sendPythonJson(reply, savedDocument(loaded) ?? pythonJson(freshDocument(loaded)))
}

/** @returns undefined if there is none, or something else than a document was written in its place */
function savedDocument({ datastring }: Loaded): string | undefined {
  if (datastring === null || !isObject(datastring)) return undefined
  try {
    return pythonJson(datastring)
  } catch {
    return undefined
  }
}

/** What a page starts from before its first save. The bonus is a float: `0.0`. */
const freshDocument = (loaded: Loaded): string =>
  dumps(
    new Map<string, PythonValue>([
      ['assignmentId', loaded.assignmentid],
      ['bonus', new Float(loaded.bonus)],
      ['condition', loaded.cond],
      ['counterbalance', loaded.counterbalance],
      ['hitId', loaded.hitid],
      ['workerId', loaded.workerid],
    ]),
  )

const notFound = (): Error => problem('participant_not_found', 'There is no such participant.')

async function saveDocument(server: StudyServer, request: FastifyRequest, reply: FastifyReply) {
  const params = Params.safeParse(request.params)
  if (!params.success) return sendUnknown(reply)
  const { uid } = params.data
  requireToken(server, uid, request)
  if (typeof request.body !== 'string')
    throw problem('body_invalid', 'The body must be a JSON object.')
  const save: Save = {
    uniqueId: uid,
    document: canonicalDocument(request.body),
    order: readOrder(request),
  }
  const outcome = await server.saves.add(save)
  return outcome === 'unknown' ? sendUnknown(reply) : sendPythonJson(reply, SAVED)
}

/** Nothing more: the library writes every key of the answer into the participant's document. */
const SAVED = statusJson('user data saved')

const sendUnknown = (reply: FastifyReply): FastifyReply =>
  sendJson(reply, { message: 'DB error: Unique user not found.' }, 500)

/** `X-PsiTurk-Save: <page>-<number>`, or the same as a parameter; old clients send none. */
const Order = z.string().regex(/^[A-Za-z0-9]{1,40}-\d{1,12}$/)

function readOrder(request: FastifyRequest): Save['order'] {
  const text = request.headers['x-psiturk-save'] ?? firstOf(request.query)['save']
  if (text === undefined) return undefined
  const order = Order.safeParse(text)
  if (!order.success) return undefined
  const [page = '', sequence = '0'] = order.data.split('-')
  return { page, sequence: Number(sequence) }
}
