import { problem } from '../store/index.ts'
import { appOf } from './access.ts'
import type { Routes } from './api.ts'
import { REGIONS, STACK_ID } from './app-shape.ts'
import { STACKS } from './apps.ts'

/** What an installation has to offer, and short answers for what it does not have. */
export const catalogueRoutes: Routes = (api, { store }) => {
  api.get('/regions', () =>
    REGIONS.map((region) => ({
      ...region,
      description: 'This machine',
      country: '',
      locale: '',
      private_capable: false,
      provider: { name: 'hokku', region: 'here' },
      created_at: EPOCH,
      updated_at: EPOCH,
    })),
  )
  api.get('/stacks', () =>
    STACKS.map((name, i) => ({
      id: i === 0 ? STACK_ID : name,
      name,
      state: 'public',
      default: i === 0,
      created_at: EPOCH,
      updated_at: EPOCH,
    })),
  )
  for (const path of [
    '/teams',
    '/organizations',
    '/pipelines',
    '/spaces',
    '/enterprise-accounts',
  ]) {
    api.get(path, () => [])
  }
  api.get('/apps/:app/pipeline-couplings', (request) => {
    appOf(request, store)
    throw problem('not_found', 'This app is not in a pipeline.', {
      details: { resource: 'pipeline_coupling' },
    })
  })
  api.get('/api/v4/current-status', { config: { public: true } }, () => ({
    status: ['Apps', 'Data', 'Tools'].map((system) => ({ system, status: 'green' })),
    incidents: [],
    scheduled: [],
  }))
}

const EPOCH = '2026-01-01T00:00:00Z'
