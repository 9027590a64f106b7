import type { FastifyRequest } from '@hokku/kit/http'
import * as z from 'zod'
import { problem } from '../store/index.ts'
import { accountOf, appOf } from './access.ts'
import type { Routes } from './api.ts'
import { bodyOf, takes } from './body.ts'
import { truth } from './numeric.ts'

/** `labs` and `features`: switches of an app. There are none of an account yet. */
export const featureRoutes: Routes = (api, { store, releases }) => {
  const shape = (appId: string, feature: Feature) => ({
    ...feature,
    id: feature.name,
    doc_url: null,
    feedback_email: null,
    enabled: store.features.isEnabled({ kind: 'app', id: appId }, feature.name),
    created_at: null,
    updated_at: null,
  })

  api.get('/account/features', () => [])
  api.get('/account/features/:feature', (request) => {
    throw unknownFeature(request)
  })
  api.get('/apps/:app/features', (request) => {
    const app = appOf(request, store)
    return APP_FEATURES.map((feature) => shape(app.id, feature))
  })
  api.get('/apps/:app/features/:feature', (request) =>
    shape(appOf(request, store).id, featureOf(request)),
  )
  api.patch('/apps/:app/features/:feature', takes(FeatureUpdate), (request) => {
    const app = appOf(request, store)
    const feature = featureOf(request)
    const { enabled } = bodyOf(request, FeatureUpdate)
    const owner = { kind: 'app', id: app.id } as const
    store.transaction(() => {
      if (store.features.isEnabled(owner, feature.name) === enabled) return
      store.features.set(owner, feature.name, enabled)
      releases.create({
        appId: app.id,
        accountId: accountOf(request).id,
        description: `${enabled ? 'Enable' : 'Disable'} ${feature.name} feature`,
        releasePhase: false,
      })
    })
    return shape(app.id, feature)
  })
}

type Feature = Readonly<{ name: string; display_name: string; description: string; state: string }>

const APP_FEATURES: readonly Feature[] = [
  {
    name: 'preboot',
    display_name: 'Preboot',
    description: 'New web dynos serve before old ones stop. On hokku this is always so.',
    state: 'general',
  },
  {
    name: 'runtime-dyno-metadata',
    display_name: 'Dyno metadata',
    description: 'HEROKU_APP_NAME, HEROKU_RELEASE_VERSION and the like in every dyno.',
    state: 'public',
  },
]

function featureOf(request: FastifyRequest): Feature {
  const { feature: name } = request.params as { feature: string }
  const feature = APP_FEATURES.find((candidate) => candidate.name === name)
  if (feature === undefined) throw unknownFeature(request)
  return feature
}

function unknownFeature(request: FastifyRequest) {
  const { feature } = request.params as { feature: string }
  return problem('not_found', `Couldn't find the feature "${feature}".`)
}

const FeatureUpdate = z.strictObject({ enabled: truth })
