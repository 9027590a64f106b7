import { accountOf, installationOwnerOf, webUrl, type Routes } from '../api/index.ts'
import { rotateOwnerToken } from './first-start.ts'

/** How the platform is: `isReady` once everything that should run runs. */
export type Health = Readonly<{ version: string; notices: readonly string[]; isReady: boolean }>

/**
 * What the `hokku` command asks beyond Heroku's API.
 *
 * @param onStopped called when no dyno runs any more
 */
export const ownRoutes =
  (health: () => Health, onStopped = (): void => {}): Routes =>
  (api, plane) => {
    api.get('/hokku/health', { config: { public: true } }, health)
    api.get('/hokku/apps', (request) =>
      plane.store.apps.ofAccount(accountOf(request).id).map((app) => ({
        name: app.name,
        url: webUrl(app, plane.config),
        dynos: Object.fromEntries(plane.dynos.list(app.id).map((dyno) => [dyno.name, dyno.state])),
      })),
    )
    api.post('/hokku/token', (request) => {
      installationOwnerOf(request)
      return { token: rotateOwnerToken(plane.config.home, plane.store) }
    })
    api.post('/hokku/stop', async (request) => {
      installationOwnerOf(request)
      await plane.dynos.stopAll()
      onStopped()
      return {}
    })
  }
