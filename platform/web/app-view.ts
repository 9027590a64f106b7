import type { FastifyRequest } from '@hokku/kit/http'
import { webUrl, type Plane } from '../api/index.ts'
import type { Dyno } from '../dynos/index.ts'
import type { App, Formation, Release } from '../store/index.ts'

/** An app as the list shows it. */
export type AppSummary = Readonly<{
  name: string
  url: string
  state: AppState
  dynos: readonly Dyno[]
  release: Pick<Release, 'version' | 'description' | 'createdAt'> | null
}>

/** An app as its own page shows it. Values of config vars are not in here. */
export type AppView = AppSummary &
  Readonly<{
    gitUrl: string
    maintenance: boolean
    /** Process types of which none is wanted. */
    off: readonly Formation[]
    releases: readonly ReleaseView[]
    addons: readonly AddonView[]
    configVars: readonly Readonly<{ name: string; isAddon: boolean }>[]
  }>

/** `blank`: nothing was ever deployed. */
export type AppState = 'live' | 'asleep' | 'crashed' | 'stopped' | 'blank'

export type ReleaseView = Pick<Release, 'version' | 'description' | 'status' | 'createdAt'> &
  Readonly<{ by: string; isCurrent: boolean }>

export type AddonView = Readonly<{
  name: string
  plan: string
  state: string
  /** Under which names the app knows it, e.g. `DATABASE`. */
  attachments: readonly string[]
}>

export function appSummary(app: App, plane: Plane): AppSummary {
  const current = plane.store.releases.current(app.id)
  return {
    name: app.name,
    url: webUrl(app, plane.config),
    state: (current?.slugId ?? null) === null ? 'blank' : plane.dynos.routed(app.id).state,
    dynos: plane.dynos.list(app.id),
    release: current ?? null,
  }
}

export function appView(app: App, plane: Plane, request: FastifyRequest): AppView {
  const { store } = plane
  return {
    ...appSummary(app, plane),
    gitUrl: `https://${request.host}/${app.name}.git`,
    maintenance: app.maintenance,
    off: store.formations
      .list(app.id)
      .filter(({ quantity, type }) => quantity === 0 && type !== 'release'),
    releases: releaseViews(app, plane),
    addons: addonViews(app, plane),
    configVars: store.configVars
      .list(app.id)
      .map(({ name, attachmentId }) => ({ name, isAddon: attachmentId !== null })),
  }
}

const RELEASES_SHOWN = 8

/** Newest first. */
function releaseViews(app: App, { store }: Plane): ReleaseView[] {
  const currentId = store.releases.current(app.id)?.id
  return store.releases
    .list(app.id)
    .slice(-RELEASES_SHOWN)
    .toReversed()
    .map(({ id, version, description, status, createdAt, accountId }) => ({
      version,
      description,
      status,
      createdAt,
      by: store.accounts.find(accountId)?.email ?? '',
      isCurrent: id === currentId,
    }))
}

function addonViews(app: App, { store }: Plane): AddonView[] {
  const attached = Map.groupBy(store.attachments.ofApp(app.id), ({ addonId }) => addonId)
  return [...attached].map(([addonId, attachments]) => {
    const { name, service, plan, state } = store.addons.get(addonId)
    const names = attachments.map((attachment) => attachment.name)
    return { name, plan: `${service}:${plan}`, state, attachments: names }
  })
}
