import { stableId } from '../addons/index.ts'
import type { App } from '../store/index.ts'
import type { Plane } from './plane.ts'
import { webUrl, type Asked } from './urls.ts'

/** An app as the API shows it: every field of every API variant. */
export function appShape(app: App, plane: Plane, request: Asked) {
  const owner = plane.store.accounts.find(app.ownerId)
  const stack = stackOf(app.stack)
  return {
    id: app.id,
    name: app.name,
    acm: false,
    archived_at: null,
    buildpack_provided_description: buildpackOf(app, plane),
    build_stack: stack,
    stack,
    create_status: 'complete',
    created_at: app.createdAt,
    updated_at: app.updatedAt,
    released_at: app.releasedAt,
    generation: { id: GENERATION_ID, name: 'cedar' },
    git_url: `https://${request.host}/${app.name}.git`,
    web_url: webUrl(app, plane.config),
    internal_routing: null,
    locked: false,
    maintenance: app.maintenance,
    owner: { id: app.ownerId, email: owner?.email ?? '' },
    organization: null,
    team: null,
    space: null,
    process_tier: 'basic',
    region: REGIONS.find(({ name }) => name === app.region) ?? REGIONS[0],
    repo_size: app.repoSize,
    slug_size: app.slugSize,
  }
}

export const appReference = (app: App) => ({ id: app.id, name: app.name })

const buildpackOf = (app: App, { store }: Plane): string | null => {
  const slugId = store.releases.current(app.id)?.slugId ?? null
  return slugId === null ? null : (store.slugs.find(slugId)?.buildpackDescription ?? null)
}

/** A stack as others refer to it. The ids are made of the names, but for the first one's. */
export const stackOf = (name: string) => ({
  id: name === 'heroku-24' ? STACK_ID : stableId(`stack/${name}`),
  name,
})
const STACK_ID = '69e0b8aa-7edd-4337-8a3c-3da487622450'
export const GENERATION_ID = '2e2d9c4b-62a1-4ee1-9b1c-6d5a1f2fb7b0'
/** Heroku's two common regions. Both are this machine; scripts and tutorials name them. */
export const REGIONS = [
  { id: '59accabd-516d-4f0e-83e6-6e3757701145', name: 'us' },
  { id: 'ed30241c-ed8c-4bb6-9714-61953675d0b4', name: 'eu' },
] as const
