import type { FastifyInstance } from '@hokku/kit/http'
import { columnFacts } from '../bundle/column-facts.ts'
import { tryItPage } from './try-it-page.ts'
import { openApi } from './openapi.ts'
import { sampleObservation } from '../bundle/measure-row.ts'
import { observationSchema } from './schema.ts'
import type { Service } from '../service/service.ts'

/** The contract: schema, OpenAPI, and a page to try it. */
export function documentationRoutes(app: FastifyInstance, { registry, config }: Service): void {
  app.get('/schema', () => observationSchema(registry.active()))
  app.get('/openapi.json', () => openApi(registry.active(), config.token !== undefined))
  app.get('/docs', (_request, reply) => {
    const bundle = registry.active()
    return reply
      .type('text/html; charset=utf-8')
      .send(tryItPage(bundle, columnFacts(bundle.model), sampleObservation(bundle.model)).text)
  })
  app.get('/', (_request, reply) => reply.redirect('/docs'))
}
