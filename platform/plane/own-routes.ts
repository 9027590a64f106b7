import { accountOf, webUrl, type Routes } from '../api/index.ts'

/** What the `hokku` command asks beyond Heroku's API. */
export const ownRoutes =
  (notices: readonly string[]): Routes =>
  (api, plane) => {
    api.get('/hokku/health', { config: { public: true } }, () => ({
      version: plane.config.version,
      notices,
    }))
    api.get('/hokku/apps', (request) =>
      plane.store.apps.ofAccount(accountOf(request).id).map((app) => ({
        name: app.name,
        url: webUrl(app, plane.config),
        dynos: Object.fromEntries(plane.dynos.list(app.id).map((dyno) => [dyno.name, dyno.state])),
      })),
    )
    api.post('/hokku/stop', async (request) => {
      accountOf(request)
      await plane.dynos.stopAll()
      return {}
    })
  }
