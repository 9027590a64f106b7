import type { FastifyInstance, FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { Problem } from '@hokku/kit/problem'
import * as z from 'zod'
import { updateOutcomes } from '../service/outcomes.ts'
import { factsOf, predictMany, predictOne, predictPlain, type Answer } from '../service/predict.ts'
import { problemBody } from './problem-body.ts'
import { parseQuery } from './queries.ts'
import { bodyKind, bodyOf } from './bodies.ts'
import { readPredictRequest } from '../service/requests.ts'
import type { Service } from '../service/service.ts'
import { stringifyExactly } from '@hokku/kit/exact-json'

/** POST /predict, POST /update and its alias /outcomes. */
export function predictRoutes(app: FastifyInstance, service: Service): void {
  app.post('/predict', async (request, reply) => {
    const startedAt = performance.now()
    const answer = await respond(reply, service, () => predict(request, reply, service))
    service.metrics.observe((performance.now() - startedAt) / 1000)
    return answer
  })
  app.post('/invocations', (request, reply) =>
    respond(reply, service, async () => invoke(request, service)),
  )
  for (const path of ['/update', '/outcomes']) {
    app.post(path, (request, reply) =>
      respond(reply, service, async () => {
        const isLines = bodyKind(request) === 'lines'
        const answer = await updateOutcomes(
          bodyOf(request),
          isLines,
          isStrict(request, service),
          service,
        )
        return Array.isArray(answer)
          ? many(reply, answer, isLines, service)
          : stringifyExactly(answer)
      }),
    )
  }
}

async function predict(
  request: FastifyRequest,
  reply: FastifyReply,
  service: Service,
): Promise<string> {
  const kind = bodyKind(request)
  const wanted = readPredictRequest(bodyOf(request), kind, factsOf(service.registry.active()))
  const strict = isStrict(request, service)
  if (wanted.shape === 'one') {
    return stringifyExactly(
      await predictOne(wanted.item, { isStrict: strict, source: 'web' }, service),
    )
  }
  if (wanted.shape === 'records' && wanted.isPlain) {
    return stringifyExactly({ predictions: predictPlain(wanted.items, strict, service) })
  }
  const answers = await predictMany(wanted.items, { isStrict: strict, source: 'batch' }, service)
  if (wanted.shape === 'records') {
    setStatus(reply, answers, service)
    return stringifyExactly({ predictions: answers.map(shown) })
  }
  return many(reply, answers, kind === 'lines', service)
}

/** POST /invocations, as MLflow's servers answer it: values alone, and nothing is recorded. */
function invoke(request: FastifyRequest, service: Service): string {
  const wanted = readPredictRequest(
    bodyOf(request),
    bodyKind(request),
    factsOf(service.registry.active()),
  )
  const items = wanted.shape === 'one' ? [wanted.item] : wanted.items
  const rows = items.map((item) => {
    if (item instanceof Error) throw item
    return item
  })
  return stringifyExactly({ predictions: predictPlain(rows, isStrict(request, service), service) })
}

const shown = (answer: Answer): object =>
  answer instanceof Problem ? { ...problemBody(answer), status: answer.status } : answer

/** A request of which nothing could be done has failed, with the status of its first failure. */
function setStatus(reply: FastifyReply, answers: readonly Answer[], { config }: Service): void {
  const [first] = answers
  if (config.errorsAs200 || !(first instanceof Problem)) return
  if (answers.every((answer) => answer instanceof Problem)) reply.code(first.status)
}

function many(
  reply: FastifyReply,
  answers: readonly Answer[],
  isLines: boolean,
  service: Service,
): string {
  setStatus(reply, answers, service)
  if (!isLines) return stringifyExactly(answers.map(shown))
  reply.type('application/x-ndjson')
  return answers.map((answer) => `${stringifyExactly(shown(answer))}\n`).join('')
}

/** Failures keep their status, unless old clients want 200 with an `error` in the body. */
async function respond(
  reply: FastifyReply,
  { config }: Service,
  work: () => Promise<string>,
): Promise<string> {
  reply.type('application/json')
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Problem) || !config.errorsAs200) throw error
    return stringifyExactly(problemBody(error))
  }
}

const StrictQuery = z.strictObject({ strict: z.enum(['0', '1', 'true', 'false']).optional() })

/** @throws Problem for any other value, and for a parameter that means nothing here */
function isStrict(request: FastifyRequest, { config }: Service): boolean {
  const { strict } = parseQuery(StrictQuery, request.query)
  return strict === undefined ? config.isStrict : strict === '1' || strict === 'true'
}
