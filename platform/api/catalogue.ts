import type { FastifyInstance } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import { problem } from '../store/index.ts'
import { appOf } from './access.ts'
import type { Routes } from './api.ts'
import { GENERATION_ID, REGIONS, stackOf } from './app-shape.ts'
import { sendList } from './range.ts'
import { STACKS } from './apps.ts'

/** What an installation has to offer, and short answers for what it does not have. */
export const catalogueRoutes: Routes = (api, { store }) => {
  offer(api, '/regions', 'region', regions)
  offer(api, '/stacks', 'stack', stacks)
  offer(api, '/generations', 'generation', generations)
  api.get('/apps/:app/available-stacks', (request) => {
    appOf(request, store)
    return stacks
  })
  for (const path of ['/teams', '/organizations', '/spaces', '/enterprise-accounts']) {
    api.get(path, () => [])
  }
  api.get('/api/v4/current-status', { config: { public: true } }, () => ({
    status: ['Apps', 'Data', 'Tools'].map((system) => ({ system, status: 'green' })),
    incidents: [],
    scheduled: [],
  }))
}

type Offer = Readonly<{ id: string; name: string }>

/** A list that everyone may see, and each of its entries by id or name. */
function offer(api: FastifyInstance, path: string, one: string, offers: readonly Offer[]): void {
  api.get(path, (request, reply) => sendList(request, reply, offers))
  api.get(`${path}/:key`, (request) => {
    const key = pathParam(request, 'key')
    const found = offers.find(({ id, name }) => id === key || name === key)
    if (found !== undefined) return found
    throw problem('not_found', `Couldn't find that ${one}.`, {
      hint: `There are: ${offers.map(({ name }) => name).join(', ')}`,
      details: { resource: one },
    })
  })
}

const EPOCH = '2026-01-01T00:00:00Z'

const regions = REGIONS.map((region) => ({
  ...region,
  description: 'This machine',
  country: '',
  locale: '',
  private_capable: false,
  // Clients know a closed list of regions.
  provider: { name: 'hokku', region: region.name === 'eu' ? 'eu-west-1' : 'us-east-1' },
  created_at: EPOCH,
  updated_at: EPOCH,
}))

const stacks = STACKS.map((name, i) => ({
  ...stackOf(name),
  state: 'public',
  default: i === 0,
  created_at: EPOCH,
  updated_at: EPOCH,
}))

const generations = [{ id: GENERATION_ID, name: 'cedar', created_at: EPOCH, updated_at: EPOCH }]
