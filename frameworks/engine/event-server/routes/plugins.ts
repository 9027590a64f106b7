import type { FastifyInstance } from '@hokku/kit/http'
import { problem } from '../../problems.ts'
import { describePlugins } from '../plugins.ts'
import type { EventServerContext } from '../context.ts'

export function addPluginRoutes(app: FastifyInstance, context: EventServerContext): void {
  const { plugins, authenticate, callerOf } = context
  app.get('/plugins.json', async () => describePlugins(plugins))

  app.get<{ Params: { kind: string; name: string; '*': string } }>(
    '/plugins/:kind/:name/*',
    { onRequest: authenticate },
    async (request, reply) => {
      const { kind, name, '*': rest } = request.params
      const plugin = plugins.find((one) => one.kind === kind && one.name === name)
      if (plugin?.handleRest === undefined) throw problem('not_found', 'Not Found')
      const { appId, channelId } = callerOf(request).feed
      const answer = plugin.handleRest(appId, channelId, rest.split('/').filter(Boolean))
      return reply.type('application/json').send(JSON.stringify(answer))
    },
  )
}
