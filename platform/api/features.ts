import type { FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { stableId } from '../addons/index.ts'
import { problem } from '../store/index.ts'
import { accountOf, appOf } from './access.ts'
import type { Routes } from './api.ts'
import { bodyOf, takes } from './body.ts'
import { sendList } from './range.ts'
import { truth } from './numeric.ts'

/** `labs` and `features`: switches of an app. There are none of an account that do anything here. */
export const featureRoutes: Routes = (api, plane) => {
  const { store, releases } = plane
  const shape = (appId: string, { usually, isFixed: _, ...feature }: Feature) => ({
    ...feature,
    id: stableId(`feature/${feature.name}`),
    doc_url: '',
    feedback_email: '',
    enabled: store.features.isEnabled({ kind: 'app', id: appId }, feature.name, usually),
    created_at: EPOCH,
    updated_at: EPOCH,
  })

  api.get('/account/features', () => [])
  for (const method of ['GET', 'PATCH']) {
    api.route({
      method,
      url: '/account/features/:feature',
      ...takes(z.unknown()),
      handler: (request) => {
        throw unknownFeature(request)
      },
    })
  }
  api.get('/apps/:app/features', (request, reply) => {
    const app = appOf(request, store)
    return sendList(
      request,
      reply,
      APP_FEATURES.map((feature) => shape(app.id, feature)),
    )
  })
  api.get('/apps/:app/features/:feature', (request) =>
    shape(appOf(request, store).id, featureOf(request)),
  )
  api.patch('/apps/:app/features/:feature', takes(FeatureUpdate), async (request) => {
    const app = appOf(request, store)
    const feature = featureOf(request)
    const { enabled } = bodyOf(request, FeatureUpdate)
    const owner = { kind: 'app', id: app.id } as const
    store.transaction(() => {
      if (store.features.isEnabled(owner, feature.name, feature.usually) === enabled) return
      if (feature.isFixed) {
        throw problem('invalid_params', `${feature.name} is always on. ${feature.description}`)
      }
      store.features.set(owner, feature.name, enabled)
      releases.create({
        appId: app.id,
        accountId: accountOf(request).id,
        description: `${enabled ? 'Enable' : 'Disable'} ${feature.name} feature`,
        releasePhase: false,
      })
    })
    await plane.route()
    return shape(app.id, feature)
  })
}

type Feature = Readonly<{
  name: string
  display_name: string
  description: string
  state: string
  /** What it is until it is set. */
  usually: boolean
  isFixed?: boolean
}>

const APP_FEATURES: readonly Feature[] = [
  {
    name: 'preboot',
    display_name: 'Preboot',
    description: 'New web dynos serve before old ones stop. On hokku this is always so.',
    state: 'general',
    usually: true,
    isFixed: true,
  },
  {
    name: 'http-session-affinity',
    display_name: 'Session affinity',
    description: 'All requests of a client go to the dyno that served it first.',
    state: 'general',
    usually: false,
  },
  {
    name: 'runtime-dyno-metadata',
    display_name: 'Dyno metadata',
    description: 'HEROKU_APP_NAME, HEROKU_RELEASE_VERSION and the like in every dyno.',
    state: 'public',
    usually: true,
  },
  {
    name: 'log-runtime-metrics',
    display_name: 'Runtime metrics in the log',
    description: 'Writes the memory of each dyno to the log of the app, as sample#memory_total.',
    state: 'public',
    usually: false,
  },
]

function featureOf(request: FastifyRequest): Feature {
  const name = pathParam(request, 'feature')
  const feature = APP_FEATURES.find((candidate) => candidate.name === name)
  if (feature === undefined) throw unknownFeature(request)
  return feature
}

function unknownFeature(request: FastifyRequest) {
  const feature = pathParam(request, 'feature')
  if (feature === 'runtime-heroku-exec') {
    return problem('not_found', 'hokku opens no shell in a dyno that runs.', {
      hint: 'Open one in its own dyno, with the same code and config vars: heroku run bash',
    })
  }
  return problem('not_found', `Couldn't find the feature "${feature}".`, {
    hint: `Apps have: ${APP_FEATURES.map(({ name }) => name).join(', ')}`,
  })
}

const FeatureUpdate = z.strictObject({ enabled: truth })
const EPOCH = '2026-01-01T00:00:00Z'
