import * as z from 'zod'
import { displayName, parseReference } from '../builds/index.ts'
import { appOf } from './access.ts'
import type { Routes } from './api.ts'
import { bodyOf, takes } from './body.ts'

/** @see https://devcenter.heroku.com/articles/platform-api-reference#buildpack-installation */
export const buildpackInstallationRoutes: Routes = (api, plane) => {
  const { store, builds } = plane
  const shapes = (appId: string) =>
    store.buildpackInstallations.list(appId).map((buildpack, ordinal) => ({ ordinal, buildpack }))

  api.get('/apps/:app/buildpack-installations', (request) => shapes(appOf(request, store).id))
  api.put('/apps/:app/buildpack-installations', takes(Installations), (request) => {
    const app = appOf(request, store)
    const { updates } = bodyOf(request, Installations)
    const installations = updates.map(({ buildpack }) => {
      parseReference(buildpack, builds.builtIns)
      return { url: buildpack, name: displayName(buildpack) }
    })
    store.buildpackInstallations.replace(app.id, installations)
    return shapes(app.id)
  })
}

/** Real apps chain a handful at most. */
const INSTALLATIONS_MAX = 20

const Installations = z.strictObject({
  updates: z
    .array(z.strictObject({ buildpack: z.string().min(1).max(2048) }))
    .max(INSTALLATIONS_MAX),
})
