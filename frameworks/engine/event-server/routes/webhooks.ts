import type { FastifyInstance } from '@hokku/kit/http'
import { readEvent } from '../../events/event-reader.ts'
import { problem } from '../../problems.ts'
import { formConnectors, jsonConnectors } from '../../webhooks/connectors.ts'
import type { EventServerContext } from '../context.ts'
import { bodyText, nameOf } from './body.ts'

export function addWebhookRoutes(app: FastifyInstance, context: EventServerContext): void {
  const { intake, authenticate, callerOf } = context

  app.post<ByFile>('/webhooks/:file', { onRequest: authenticate }, async (request, reply) => {
    const connect = connectorOf(request.params.file)
    const event = readEvent(connect(bodyText(request)), Date.now())
    // The key's list of allowed events does not apply here, as in PredictionIO.
    const eventId = await intake.acceptRead(callerOf(request), event)
    return reply.code(201).send({ eventId })
  })

  app.get<ByFile>('/webhooks/:file', { onRequest: authenticate }, async (request) => {
    connectorOf(request.params.file)
    return { message: 'Ok' }
  })
}

type ByFile = { Params: { file: string } }

function connectorOf(file: string) {
  const json = nameOf(file, '.json')
  const form = nameOf(file, '.form')
  const connector = json === undefined ? formConnectors.get(form ?? '') : jsonConnectors.get(json)
  if (connector !== undefined) return connector
  throw problem('not_found', `webhooks connection for ${json ?? form ?? file} is not supported.`)
}
