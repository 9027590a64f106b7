import type { FastifyInstance } from '@hokku/kit/http'
import { problem } from '../../problems.ts'
import type { EventServerContext } from '../context.ts'

export function addStatsRoute(app: FastifyInstance, context: EventServerContext): void {
  const { stats, authenticate, callerOf } = context
  app.get('/stats.json', { onRequest: authenticate }, async (request) => {
    if (stats === undefined) {
      throw problem('not_found', 'To see stats, launch Event Server with --stats argument.')
    }
    return stats.report(callerOf(request).feed.appId, Date.now())
  })
}
