import type { FastifyInstance } from '@hokku/kit/http'
import { Readable } from 'node:stream'
import { eventJson } from '../../events/event-json.ts'
import type { StoredEvent } from '../../events/event.ts'
import { parseLenientJson } from '../../events/lenient-json.ts'
import { problem } from '../../problems.ts'
import { readFindParameters } from '../find-parameters.ts'
import type { EventServerContext } from '../context.ts'
import { jsonBodyText, nameOf } from './body.ts'

export function addEventRoutes(app: FastifyInstance, context: EventServerContext): void {
  const { events, intake, authenticate, callerOf } = context
  const options = { onRequest: authenticate }

  app.post('/events.json', options, async (request, reply) => {
    const eventId = await intake.accept(callerOf(request), parseLenientJson(jsonBodyText(request)))
    return reply.code(201).send({ eventId })
  })

  app.get('/events.json', options, async (request, reply) => {
    const { filter, page } = readFindParameters(request.query as Record<string, unknown>)
    const { feed } = callerOf(request)
    reply.type('application/json')
    if (page.limit !== undefined && page.limit <= IN_MEMORY_MAX) {
      const found = await events.find(feed, filter, page)
      if (found.length === 0) throw notFound()
      return reply.send(`[${found.map(eventJson).join(',')}]`)
    }
    const batches = events.stream(feed, filter, page)
    const first = await batches.next()
    if (first.done === true) throw notFound()
    return reply.send(Readable.from(jsonArray(first.value, batches)))
  })

  app.get<ById>('/events/:file', options, async (request, reply) => {
    const event = await events.get(callerOf(request).feed, idOf(request.params.file))
    if (event === undefined) throw notFound()
    return reply.type('application/json').send(eventJson(event))
  })

  app.delete<ById>('/events/:file', options, async (request) => {
    const isDeleted = await events.delete(callerOf(request).feed, idOf(request.params.file))
    if (!isDeleted) throw notFound()
    return { message: 'Found' }
  })
}

type ById = { Params: { file: string } }

/** Answers with more events than this are streamed. */
const IN_MEMORY_MAX = 1000

const notFound = () => problem('not_found', 'Not Found')

function idOf(file: string): string {
  const id = nameOf(file, '.json')
  if (id === undefined) throw notFound()
  return id
}

async function* jsonArray(first: StoredEvent[], rest: AsyncIterable<StoredEvent[]>) {
  yield `[${first.map(eventJson).join(',')}`
  for await (const batch of rest) yield `,${batch.map(eventJson).join(',')}`
  yield ']'
}
