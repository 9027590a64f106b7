import type { FastifyInstance } from '@hokku/kit/http'
import * as z from 'zod'
import { problem } from '../problems.ts'
import { parseQuery } from '../http/queries.ts'
import type { Service } from '../service/service.ts'
import { readAsset } from './assets.ts'
import { DRIFT_ROWS, DRIFT_ROWS_MAX, driftReport } from './drift-report.ts'
import { monitoringData, performanceReport, type MonitoringOptions } from './monitoring-data.ts'
import { monitoringPage } from './page.ts'
import { parseWindow } from './window.ts'

const Version = z.string().min(1).max(100).optional()
const Query = z.object({
  model_version: Version,
  window: z.string().max(20).optional(),
  threshold: z.coerce.number().min(0).max(1).optional(),
})
const DriftQuery = z.object({
  model_version: Version,
  rows: z.coerce.number().int().min(1).max(DRIFT_ROWS_MAX).default(DRIFT_ROWS),
})

/** The monitoring page, its scripts, and the numbers behind it. */
export function monitoringRoutes(app: FastifyInstance, service: Service): void {
  const { registry, config } = service
  const optionsOf = (query: unknown): MonitoringOptions => {
    const { model_version: version, window, threshold } = parseQuery(Query, query)
    const bundle = version === undefined ? registry.active() : registry.find(version)
    return {
      version: version === undefined ? undefined : bundle.version,
      window: window === undefined ? undefined : parseWindow(window),
      threshold: threshold ?? config.threshold ?? bundle.model.threshold,
    }
  }
  app.get('/monitoring', (_request, reply) => {
    const { name, version } = registry.active()
    const versions = registry.all().map((bundle) => bundle.version)
    return reply.type('text/html; charset=utf-8').send(monitoringPage(name, version, versions).text)
  })
  app.get('/monitoring/data', (request) => monitoringData(service, optionsOf(request.query)))
  app.get('/metrics/performance', (request) => performanceReport(service, optionsOf(request.query)))
  app.get('/metrics/drift', async (request) => {
    const { model_version: wanted, rows } = parseQuery(DriftQuery, request.query)
    const bundle = wanted === undefined ? registry.active() : registry.find(wanted)
    const version = wanted === undefined ? undefined : bundle.version
    const report = await driftReport(service.store.database, bundle.model, rows, version)
    return { model_version: version ?? null, ...report }
  })
  app.get<{ Params: { name: string } }>('/assets/:name', async (request, reply) => {
    const script = await readAsset(request.params.name)
    if (script === undefined) throw problem('route_not_found', 'There is no such script.')
    return reply
      .type('text/javascript; charset=utf-8')
      .header('cache-control', 'public, max-age=3600')
      .send(script)
  })
}
