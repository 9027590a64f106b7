import type { FastifyInstance, FastifyReply } from '@hokku/kit/http'
import * as z from 'zod'
import { problem } from '../problems.ts'
import { findPrediction, listPredictions } from '../store/find-predictions.ts'
import type { Prediction } from '../store/prediction.ts'
import { wholeRow } from '../service/answers.ts'
import { parseQuery } from './queries.ts'
import { stringifyExactly } from '@hokku/kit/exact-json'
import type { Service } from '../service/service.ts'

const ListQuery = z.object({
  limit: z.coerce.number().int().min(1).max(10_000).default(1000),
  after: z.coerce.number().int().min(0).default(0),
  since: z.iso.datetime({ offset: true }).or(z.iso.date()).optional(),
})

/** GET /list-db-contents, as in the document, and one prediction by its id. */
export function listRoutes(app: FastifyInstance, { store, registry }: Service): void {
  const shown = (row: Prediction): object =>
    wholeRow(registry.versionOf(row.modelVersion).model, row)
  app.get('/list-db-contents', async (request, reply) => {
    const { limit, after, since } = parseQuery(ListQuery, request.query)
    const rows = await listPredictions(store.database, {
      limit,
      after,
      since: since === undefined ? undefined : new Date(since),
    })
    if (rows.length === limit) {
      reply.header(
        'link',
        `</list-db-contents?limit=${limit}&after=${rows.at(-1)!.id}>; rel="next"`,
      )
    }
    return sendJson(reply, rows.map(shown))
  })
  app.get<{ Params: { id: string } }>('/predictions/:id', async (request, reply) => {
    const found = await findPrediction(store.database, request.params.id)
    if (found === undefined) {
      throw problem('prediction_not_found', `Observation ID: "${request.params.id}" does not exist`)
    }
    return sendJson(reply, {
      ...shown(found.prediction),
      outcomes: found.outcomes.map(({ trueClass, receivedAt }) => ({
        true_class: trueClass,
        received_at: receivedAt.toISOString(),
      })),
    })
  })
}

function sendJson(reply: FastifyReply, value: unknown): FastifyReply {
  return reply.type('application/json').send(stringifyExactly(value))
}
