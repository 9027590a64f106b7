import type { FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import { appOf } from './access.ts'
import type { Routes } from './api.ts'
import { addUpload } from './uploads.ts'
import { baseUrl } from './urls.ts'

/** @see https://devcenter.heroku.com/articles/platform-api-reference#source */
export const sourceRoutes: Routes = (api, plane) => {
  const { sources } = plane.builds
  const create = (request: FastifyRequest) => {
    const url = `${baseUrl(request)}/sources/${sources.create()}`
    return { source_blob: { get_url: url, put_url: url } }
  }
  api.post('/sources', (request, reply) => reply.code(201).send(create(request)))
  api.post('/apps/:app/sources', (request, reply) => {
    appOf(request, plane.store)
    return reply.code(201).send(create(request))
  })
  addUpload(api, '/sources/:secret', (request, body) => {
    const secret = pathParam(request, 'secret')
    return sources.receive(secret, body)
  })
}
