import { flag, oneOf, text } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable } from './define-table.ts'
import { Table } from './table.ts'

const FEATURES = defineTable({
  name: 'features',
  one: 'feature',
  columns: {
    ownerKind: oneOf('account', 'app'),
    ownerId: text,
    name: text,
    enabled: flag,
    updatedAt: text,
  },
})

/** Whose features: an account's or an app's. */
export type FeatureOwner = Readonly<{ kind: 'account' | 'app'; id: string }>

export function featuresTable(db: Database, now: () => string) {
  const features = new Table(db, FEATURES, now)
  return {
    /** @param usually what it is until it is set */
    isEnabled(owner: FeatureOwner, name: string, usually = false): boolean {
      const feature = features.find(
        'where owner_kind = ? and owner_id = ? and name = ?',
        owner.kind,
        owner.id,
        name,
      )
      return feature?.enabled ?? usually
    },
    set(owner: FeatureOwner, name: string, enabled: boolean): void {
      features.upsert(
        { ownerKind: owner.kind, ownerId: owner.id, name, enabled },
        'on conflict do update set enabled = excluded.enabled, updated_at = excluded.updated_at',
      )
    },
  }
}
