import type { Database } from './database.ts'

/** Whose features: an account's or an app's. */
export type FeatureOwner = Readonly<{ kind: 'account' | 'app'; id: string }>

export function featuresTable(db: Database, now: () => string) {
  return {
    isEnabled: (owner: FeatureOwner, name: string): boolean =>
      db.get(
        'select 1 from features where owner_kind = ? and owner_id = ? and name = ? and enabled = 1',
        owner.kind,
        owner.id,
        name,
      ) !== undefined,
    set(owner: FeatureOwner, name: string, enabled: boolean): void {
      db.run(
        `insert into features (owner_kind, owner_id, name, enabled, updated_at)
          values (?, ?, ?, ?, ?) on conflict do update set enabled = excluded.enabled,
          updated_at = excluded.updated_at`,
        owner.kind,
        owner.id,
        name,
        enabled ? 1 : 0,
        now(),
      )
    },
  }
}
