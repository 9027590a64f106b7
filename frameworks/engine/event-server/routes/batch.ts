import type { FastifyInstance } from '@hokku/kit/http'
import type { JsonValue } from '../../events/event.ts'
import { parseLenientJson } from '../../events/lenient-json.ts'
import { problem } from '../../problems.ts'
import type { EventServerContext } from '../context.ts'
import { jsonBodyText } from './body.ts'

export function addBatchRoute(app: FastifyInstance, context: EventServerContext): void {
  const { intake, authenticate, callerOf } = context
  app.post('/batch/events.json', { onRequest: authenticate }, async (request) => {
    const items: JsonValue = parseLenientJson(jsonBodyText(request))
    if (!isArray(items)) {
      throw problem('event_invalid', 'A batch request must be a JSON array of events.')
    }
    if (items.length > BATCH_EVENTS_MAX) {
      throw problem(
        'batch_too_large',
        `Batch request must have less than or equal to ${BATCH_EVENTS_MAX} events`,
      )
    }
    return intake.acceptBatch(callerOf(request), items)
  })
}

/** PredictionIO's limit; SDKs cut their batches to it. */
const BATCH_EVENTS_MAX = 50

const isArray = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value)
