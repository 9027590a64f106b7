import {
  createHttpApp,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from '@hokku/kit/http'
import * as z from 'zod'
import { firstOf } from '../../participants/identity.ts'
import { Market, Refusal } from './market.ts'
import { OPERATIONS } from './operations.ts'
import { hitListPage, hitPage, refusalPage, thanksPage } from './worker-site.ts'

/**
 * A marketplace on this machine: the requester's side speaks Mechanical Turk's own protocol
 * (`POST /`), the worker's side are pages on which HITs are previewed, accepted and submitted.
 */
export function createStandIn(market = new Market()): FastifyInstance {
  const app = createHttpApp({
    bodyBytesMax: BODY_BYTES_MAX,
    renderProblem: (failure) => ({ Message: failure.message }),
  })
  const { get, post } = workerRoutes(app)
  const asText = { parseAs: 'string' } as const
  app.addContentTypeParser('application/x-amz-json-1.1', asText, (_, body, done) =>
    done(null, body),
  )
  app.addContentTypeParser('application/x-www-form-urlencoded', asText, (_, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)).entries())),
  )
  app.post('/', (request, reply) => answer(market, request, reply))
  get('/', (_, reply) => sendPage(reply, hitListPage(market)))
  get('/projects/:hit/tasks', (request, reply) => {
    const { hit } = z.object({ hit: z.string() }).parse(request.params)
    const { workerId = '', assignmentId } = firstOf(request.query)
    return sendPage(reply, hitPage(market, market.hit(hit), workerId, assignmentId))
  })
  post('/accept', (request, reply) => {
    const { hitId, workerId } = Acceptance.parse(request.body)
    const assignment = market.accept(hitId, workerId)
    const query = new URLSearchParams({ workerId, assignmentId: assignment.id }).toString()
    return reply.redirect(`/projects/${hitId}/tasks?${query}`, 303)
  })
  post('/mturk/externalSubmit', (request, reply) => {
    const fields = z.record(z.string(), z.string()).parse(request.body)
    const { assignmentId = '', ...others } = fields
    if (Object.keys(others).length === 0) {
      throw new Refusal(
        'InvalidParameterValue',
        'At least one field besides assignmentId is needed.',
      )
    }
    market.submit(assignmentId, JSON.stringify(others))
    return sendPage(reply, thanksPage())
  })
  return app
}

const BODY_BYTES_MAX = 1024 * 1024

type Handler = (request: FastifyRequest, reply: FastifyReply) => FastifyReply

/** Routes of the worker's side: what the marketplace refuses there is shown by a page. */
function workerRoutes(app: FastifyInstance) {
  const tellRefusal =
    (handler: Handler): Handler =>
    (request, reply) => {
      try {
        return handler(request, reply)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return sendPage(reply.code(409), refusalPage(error.reason))
      }
    }
  return {
    get: (path: string, handler: Handler) => app.get(path, tellRefusal(handler)),
    post: (path: string, handler: Handler) => app.post(path, tellRefusal(handler)),
  }
}

const Acceptance = z.object({ hitId: z.string(), workerId: z.string().min(1).max(64) })

const sendPage = (reply: FastifyReply, html: string): FastifyReply =>
  reply.type('text/html; charset=utf-8').send(html)

const PREFIX = 'MTurkRequesterServiceV20170117.'

/** Signed by the right service for the right region, as far as the header says so. */
const SIGNED =
  /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/us-east-1\/mturk-requester\/aws4_request, SignedHeaders=\S+, Signature=[0-9a-f]{64}$/

function answer(market: Market, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  void reply.type('application/x-amz-json-1.1')
  if (!SIGNED.test(request.headers.authorization ?? '')) {
    return refuse(
      reply,
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    )
  }
  const name = String(request.headers['x-amz-target'] ?? '')
  const operation = name.startsWith(PREFIX) ? OPERATIONS[name.slice(PREFIX.length)] : undefined
  if (operation === undefined)
    return refuse(reply, 'UnknownOperationException', `Unknown operation ${name}`)
  try {
    return reply.send(JSON.stringify(operation(market, JSON.parse(String(request.body)))))
  } catch (error) {
    if (error instanceof Refusal) return refuse(reply, 'RequestError', error.message, error.code)
    if (error instanceof z.ZodError) {
      const [issue] = error.issues
      const path = issue?.path.join('.') ?? ''
      return refuse(
        reply,
        'RequestError',
        `${path}: ${issue?.message ?? ''} (${Date.now()})`,
        'AWS.ParameterOutOfRange',
      )
    }
    throw error
  }
}

function refuse(
  reply: FastifyReply,
  type: string,
  Message: string,
  TurkErrorCode?: string,
): FastifyReply {
  return reply
    .code(400)
    .header('x-amzn-errortype', type)
    .send(JSON.stringify({ __type: type, Message, TurkErrorCode }))
}
