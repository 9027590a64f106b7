import * as z from 'zod'
import type { App, RowChange } from '../../store/index.ts'
import { addonShape, attachmentShape } from '../addon-shape.ts'
import { appReference, appShape } from '../app-shape.ts'
import { buildShape } from '../builds.ts'
import type { Plane } from '../plane.ts'
import { releaseShape } from '../releases.ts'
import type { Asked } from '../urls.ts'

/** What webhooks may ask for, and the table in which it lies. */
const ENTITIES = {
  'api:addon': 'addons',
  'api:addon-attachment': 'addon_attachments',
  'api:app': 'apps',
  'api:build': 'builds',
  'api:collaborator': 'collaborators',
  'api:domain': 'domains',
  'api:dyno': 'dynos',
  'api:formation': 'formations',
  'api:release': 'releases',
  'api:sni-endpoint': 'sni_endpoints',
} as const

export type Entity = keyof typeof ENTITIES

export const entities = Object.keys(ENTITIES) as Entity[]

/** What of a row says whose it is. */
const Owned = z.looseObject({
  id: z.string(),
  appId: z.string().nullish(),
  accountId: z.string().nullish(),
})
export type OwnedRow = z.infer<typeof Owned>

/** A change of something that webhooks may ask for. */
export type EntityChange = Readonly<{
  entity: Entity
  kind: RowChange['kind']
  appId: string
  row: OwnedRow
}>

/** @returns undefined for what no webhook may ask for */
export function entityChange({ table, kind, row }: RowChange): EntityChange | undefined {
  const entity = entities.find((one) => ENTITIES[one] === table)
  const owned = Owned.safeParse(row)
  if (entity === undefined || !owned.success) return undefined
  const appId = entity === 'api:app' ? owned.data.id : owned.data.appId
  return appId == null ? undefined : { entity, kind, appId, row: owned.data }
}

/** The thing as the API shows it; what is gone, and what the API shows little of, in its main fields. */
export function dataOf(
  { entity, kind, row }: EntityChange,
  app: App,
  plane: Plane,
  asked: Asked,
): Record<string, unknown> {
  const shown = kind === 'destroy' ? undefined : shapeOf(entity, row.id, app, plane, asked)
  return shown ?? mainFields(entity, row, app)
}

function shapeOf(
  entity: Entity,
  id: string,
  app: App,
  plane: Plane,
  asked: Asked,
): Record<string, unknown> | undefined {
  const { store } = plane
  switch (entity) {
    case 'api:addon': {
      const addon = store.addons.find(id)
      return addon && addonShape(addon, plane)
    }
    case 'api:addon-attachment': {
      const attachment = store.attachments.find(id)
      return attachment && attachmentShape(attachment, plane)
    }
    case 'api:app':
      return appShape(app, plane, asked)
    case 'api:build': {
      const build = store.builds.find(app.id, id)
      return build && buildShape(build, app, plane, asked)
    }
    case 'api:release': {
      const release = store.releases.find(app.id, id)
      return release && releaseShape(release, app, plane, asked)
    }
    default:
      return undefined
  }
}

/** Never whole rows: some hold keys and secret addresses. */
const MAIN_FIELDS: Readonly<Record<Entity, readonly string[]>> = {
  'api:addon': ['name', 'state'],
  'api:addon-attachment': ['name', 'namespace'],
  'api:app': ['name'],
  'api:build': ['status'],
  'api:collaborator': [],
  'api:domain': ['hostname'],
  'api:dyno': ['name', 'type', 'command', 'size', 'state'],
  'api:formation': ['type', 'quantity', 'size', 'command'],
  'api:release': ['version', 'description', 'status'],
  'api:sni-endpoint': ['name'],
}

function mainFields(entity: Entity, row: OwnedRow, app: App): Record<string, unknown> {
  const fields = MAIN_FIELDS[entity].map((name) => [name, row[name]])
  return {
    id: row.id,
    app: appReference(app),
    ...Object.fromEntries(fields),
    created_at: row['createdAt'],
    updated_at: row['updatedAt'],
  }
}
