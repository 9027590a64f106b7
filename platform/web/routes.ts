import { join } from 'node:path'
import type { FastifyInstance } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import { CliLogins, loginRoutes, type Routes } from '../api/index.ts'
import { appPages } from './app-pages.ts'
import { schedulerPages } from './scheduler-pages.ts'
import { readAssets } from './assets.ts'
import { cliLoginPages } from './cli-login-pages.ts'
import { peoplePages } from './people-pages.ts'
import { preparePages } from './prepare-pages.ts'
import { sessionPages } from './session-pages.ts'

/** The dashboard under `/dashboard`, and `heroku login` by browser. */
export const dashboardRoutes: Routes = (api, plane) => {
  const assets = readAssets(join(import.meta.dirname, 'static'))
  const logins = new CliLogins()
  loginRoutes(logins, '/dashboard/cli-login')(api, plane)

  api.get('/', { config: { public: true } }, (_request, reply) => reply.redirect('/dashboard'))
  api.get('/dashboard/static/:version/:name', { config: { public: true } }, (request, reply) => {
    const name = pathParam(request, 'name')
    const asset = assets.find(name)
    if (asset === undefined) return reply.callNotFound()
    return reply
      .header('cache-control', 'public, max-age=31536000, immutable')
      .header('x-content-type-options', 'nosniff')
      .type(asset.type)
      .send(asset.content)
  })
  void api.register(async (pages: FastifyInstance) => {
    preparePages(pages, plane, `/dashboard/static/${assets.version}`)
    sessionPages(pages, plane)
    appPages(pages, plane)
    peoplePages(pages, plane)
    schedulerPages(pages, plane)
    cliLoginPages(pages, plane, logins)
  })
}
