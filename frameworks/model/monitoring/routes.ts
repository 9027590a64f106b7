import type { FastifyInstance } from '@hokku/kit/http'
import * as z from 'zod'
import { problem } from '../problems.ts'
import { parseQuery } from '../service/queries.ts'
import type { Service } from '../service/service.ts'
import { readAsset } from './assets.ts'
import { monitoringData } from './monitoring-data.ts'
import { monitoringPage } from './page.ts'

const Query = z.object({ version: z.string().max(100).optional() })

/** The monitoring page, its scripts, and the numbers behind it. */
export function monitoringRoutes(app: FastifyInstance, service: Service): void {
  app.get('/monitoring', (_request, reply) => {
    const { name, version } = service.registry.active()
    return reply.type('text/html; charset=utf-8').send(
      monitoringPage(
        name,
        version,
        service.registry.all().map((bundle) => bundle.version),
      ).text,
    )
  })
  app.get('/monitoring/data', (request) =>
    monitoringData(service, parseQuery(Query, request.query).version),
  )
  app.get<{ Params: { name: string } }>('/assets/:name', async (request, reply) => {
    const script = await readAsset(request.params.name)
    if (script === undefined) throw problem('route_not_found', 'There is no such script.')
    return reply
      .type('text/javascript; charset=utf-8')
      .header('cache-control', 'public, max-age=3600')
      .send(script)
  })
}
