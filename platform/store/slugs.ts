import { integer, json, named, nullable, text } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import { Table } from './table.ts'

const SLUGS = defineTable({
  name: 'slugs',
  one: 'slug',
  columns: {
    id: text,
    appId: text,
    // "commit" is a word of SQL.
    commit: named('commit_sha', nullable(text)),
    commitDescription: nullable(text),
    buildpackDescription: nullable(text),
    checksum: nullable(text),
    /** Compressed bytes of all layers. */
    size: nullable(integer),
    stack: text,
    processTypes: json<Readonly<Record<string, string>>>(),
    /** JSON that `platform/slugs` writes and reads; null until the layers are there. */
    manifest: nullable(text),
    createdAt: text,
    updatedAt: text,
  },
})

export type Slug = RowOf<typeof SLUGS>

export type NewSlug = Omit<Slug, 'id' | 'createdAt' | 'updatedAt'>

export function slugsTable(db: Database, now: () => string) {
  const slugs = new Table(db, SLUGS, now)
  return {
    create: (slug: NewSlug): Slug => slugs.insert(slug),
    find: (id: string): Slug | undefined => slugs.find('where id = ?', id),
    get: (id: string): Slug => slugs.get(id),
    list: (appId?: string): Slug[] =>
      slugs.all('where ?1 is null or app_id = ?1 order by created_at', appId ?? null),
    /** Completes a slug whose layers have arrived. */
    complete: (
      id: string,
      { manifest, checksum, size }: Pick<Slug, 'manifest' | 'checksum' | 'size'>,
    ): Slug => slugs.update(id, { manifest, checksum, size }),
    remove: (id: string): void => slugs.remove(id),
  }
}
