import type { FastifyRequest } from '@hokku/kit/http'
import { addonNotFound, stableId, type Plan, type Service } from '../addons/index.ts'
import { problem, type Addon, type App, type Attachment } from '../store/index.ts'
import { accessibleApp, accountOf } from './access.ts'
import { appReference } from './app-shape.ts'
import type { Plane } from './plane.ts'

/**
 * An add-on as the API shows it, with everything expanded that a client may ask to have expanded.
 *
 * @see https://devcenter.heroku.com/articles/platform-api-reference#add-on
 */
export function addonShape(addon: Addon, plane: Plane) {
  const app = ownerOf(addon, plane)
  const mine = plane.store.attachments
    .ofAddon(addon.id)
    .filter(({ appId }) => appId === addon.appId)
    .flatMap((attachment) => plane.addons.configVarNames(attachment))
  return {
    id: addon.id,
    name: addon.name,
    app: app === null ? null : appReference(app),
    addon_service: serviceReference(addon.service),
    plan: { ...planReference(addon), price: FREE },
    billed_price: FREE,
    billing_entity: app === null ? null : { ...appReference(app), type: 'app' },
    config_vars: mine,
    state: addon.state,
    provision_message: addon.message ?? '',
    provider_id: addon.id,
    web_url: app === null ? null : pageOf(addon, app, plane),
    actions: [],
    created_at: addon.createdAt,
    updated_at: addon.updatedAt,
  }
}

/** @see https://devcenter.heroku.com/articles/platform-api-reference#add-on-attachment */
export function attachmentShape(
  attachment: Attachment,
  plane: Plane,
  { headers }: Pick<FastifyRequest, 'headers'> = { headers: {} },
) {
  const { store, addons } = plane
  const addon = store.addons.get(attachment.addonId)
  const owner = ownerOf(addon, plane)
  const app = appReference(store.apps.get(attachment.appId))
  return {
    id: attachment.id,
    name: attachment.name,
    namespace: attachment.namespace,
    addon: {
      id: addon.id,
      name: addon.name,
      app: owner === null ? app : appReference(owner),
      // Only for those who ask for it: the schema allows no more.
      ...(String(headers['accept-inclusion']).includes('addon:plan') && {
        plan: planReference(addon),
      }),
    },
    addon_service: serviceReference(addon.service),
    app,
    config_vars: addons.configVarNames(attachment),
    web_url: null,
    log_input_url: null,
    created_at: attachment.createdAt,
    updated_at: attachment.updatedAt,
  }
}

export const serviceShape = (service: Service) => ({
  ...serviceReference(service.name),
  human_name: service.humanName,
  cli_plugin_name: null,
  state: 'ga',
  supports_multiple_installations: true,
  supports_sharing: true,
  supported_generations: [{ id: stableId('cedar'), name: 'cedar' }],
  created_at: EPOCH,
  updated_at: EPOCH,
})

export const planShape = (plan: Plan, service: Service) => ({
  id: stableId(`${service.name}:${plan.name}`),
  name: `${service.name}:${plan.name}`,
  human_name: plan.humanName,
  description: plan.humanName,
  addon_service: serviceReference(service.name),
  default: plan.name === service.defaultPlan,
  price: FREE,
  state: plan.retired === true ? 'shutdown' : 'ga',
  compliance: null,
  installable_inside_private_network: false,
  installable_outside_private_network: true,
  space_default: false,
  visible: plan.retired !== true,
  created_at: EPOCH,
  updated_at: EPOCH,
})

/** The page of an add-on is in the dashboard: with its app, or for jobs their own. */
const pageOf = ({ service }: Addon, app: App, { config }: Plane): string =>
  `${config.url}/dashboard/apps/${app.name}${service === 'scheduler' ? '/scheduler' : ''}`

const serviceReference = (name: string) => ({ id: stableId(name), name })

function planReference({ service, plan }: Addon) {
  const name = `${service}:${plan}`
  return { id: stableId(name), name }
}

/** Nothing costs anything on a machine of one's own. */
const FREE = { cents: 0, contract: false, metered: false, unit: 'month' }
const EPOCH = '2026-01-01T00:00:00Z'

const ownerOf = (addon: Addon, { store }: Plane): App | null =>
  addon.appId === null ? null : (store.apps.find(addon.appId) ?? null)

/** Apps in which a body's `app` (name, id, or null for all of the account's) looks for add-ons. */
export function appsMeant(
  request: FastifyRequest,
  { store }: Plane,
  app: string | null | undefined,
): App[] {
  if (app === null || app === undefined) return store.apps.ofAccount(accountOf(request).id)
  return [accessibleApp(request, app, store)]
}

/**
 * The add-on that a path or body names, of an app that the account may use.
 *
 * @throws Problem `not_found`, `multiple_matches`
 */
export function addonOf(request: FastifyRequest, plane: Plane, text: string): Addon {
  const apps = appsMeant(request, plane, null)
  const owned = plane.addons
    .matchAddons(text, apps)
    .filter(({ appId }) => apps.some(({ id }) => id === appId))
  const [addon, ...others] = owned
  if (addon === undefined) throw addonNotFound()
  if (others.length === 0) {
    accessibleApp(request, addon.appId ?? '', plane.store)
    return addon
  }
  const names = owned.map(({ name }) => name).join(', ')
  throw problem('multiple_matches', `Ambiguous identifier; multiple matching add-ons: ${names}.`)
}
