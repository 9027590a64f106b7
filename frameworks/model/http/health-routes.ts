import type { FastifyInstance } from '@hokku/kit/http'
import type { Service } from '../service/service.ts'

/** Alive, ready, and counted. */
export function healthRoutes(app: FastifyInstance, { store, registry, metrics }: Service): void {
  // The other names are those of MLflow's servers and of other hosts.
  for (const path of ['/healthz', '/health', '/ping']) app.get(path, () => ({ status: 'ok' }))
  app.get('/version', () => ({ model: registry.active().name, version: registry.active().version }))
  app.get('/readyz', async (_request, reply) => {
    try {
      await store.database.query('select 1')
      return { status: 'ready', model: registry.active().name, version: registry.active().version }
    } catch {
      return reply.code(503).send({ status: 'unready', error: 'The database does not answer.' })
    }
  })
  app.get('/metrics', (_request, reply) =>
    reply.type('text/plain; version=0.0.4').send(
      metrics.render({
        writes_waiting: store.predictions.length() + store.outcomes.length(),
        versions: registry.all().length,
      }),
    ),
  )
}
