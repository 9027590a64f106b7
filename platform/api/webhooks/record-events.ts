import type { RowChange } from '../../store/index.ts'
import type { Plane } from '../plane.ts'
import type { Asked } from '../urls.ts'
import { dataOf, entityChange, type EntityChange } from './entities.ts'

/**
 * Writes what changed as events for the webhooks that ask for it, in the transaction of the change.
 *
 * @returns whether anything is to be delivered
 */
export function recordEvents(changes: readonly RowChange[], plane: Plane): boolean {
  const recorded = changes.map((change) => {
    const known = entityChange(change)
    return known !== undefined && recordEvent(known, plane)
  })
  return recorded.includes(true)
}

function recordEvent(change: EntityChange, plane: Plane): boolean {
  const { webhooks, apps } = plane.store
  const wanting = webhooks
    .ofApp(change.appId)
    .filter(({ include }) => include.includes(change.entity))
  const app = apps.find(change.appId)
  if (wanting.length === 0 || app === undefined) return false
  const at = plane.store.now()
  const event = webhooks.events.create({
    appId: app.id,
    include: change.entity,
    payload: {
      action: change.kind,
      actor: actorOf(change.row.accountId ?? app.ownerId, plane),
      created_at: at,
      published_at: at,
      updated_at: at,
      data: dataOf(change, app, plane, ownAddress(plane)),
      previous_data: {},
      resource: change.entity.replace('api:', ''),
      sequence: null,
      version: 'application/vnd.heroku+json; version=3',
    },
  })
  for (const { id } of wanting) webhooks.deliveries.create(id, event.id)
  webhooks.events.keepNewest(app.id, EVENTS_MAX)
  return true
}

/** Of one app; the oldest go first. */
const EVENTS_MAX = 1000

function actorOf(accountId: string, { store }: Plane) {
  return { id: accountId, email: store.accounts.find(accountId)?.email ?? '' }
}

/** No client asked: links lead to where the platform knows itself to be. */
function ownAddress({ config }: Plane): Asked {
  const { host, protocol } = new URL(config.url)
  return { host, protocol: protocol === 'https:' ? 'https' : 'http' }
}
