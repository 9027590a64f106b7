import { randomUUID } from 'node:crypto'
import type { Database, Row } from './database.ts'

export type Slug = Readonly<{
  id: string
  appId: string
  commit: string | null
  commitDescription: string | null
  buildpackDescription: string | null
  checksum: string | null
  /** Compressed bytes of all layers. */
  size: number | null
  stack: string
  processTypes: Readonly<Record<string, string>>
  /** JSON that `platform/build` writes and reads; null until the layers are there. */
  manifest: string | null
  createdAt: string
  updatedAt: string
}>

export type NewSlug = Omit<Slug, 'id' | 'createdAt' | 'updatedAt'>

export function slugsTable(db: Database, now: () => string) {
  const table = {
    create(slug: NewSlug): Slug {
      const id = randomUUID()
      const at = now()
      db.run(
        `insert into slugs (id, app_id, commit_sha, commit_description, buildpack_description,
          checksum, size, stack, process_types, manifest, created_at, updated_at)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        id,
        slug.appId,
        slug.commit,
        slug.commitDescription,
        slug.buildpackDescription,
        slug.checksum,
        slug.size,
        slug.stack,
        JSON.stringify(slug.processTypes),
        slug.manifest,
        at,
        at,
      )
      return table.get(id)
    },
    find(id: string): Slug | undefined {
      const row = db.get('select * from slugs where id = ?', id)
      return row === undefined ? undefined : slugOf(row)
    },
    get(id: string): Slug {
      const slug = table.find(id)
      if (slug === undefined) throw new Error(`slug ${id} is gone`)
      return slug
    },
    list: (appId?: string): Slug[] =>
      db
        .all(
          'select * from slugs where ?1 is null or app_id = ?1 order by created_at',
          appId ?? null,
        )
        .map(slugOf),
    /** Completes a slug whose layers have arrived. */
    complete(id: string, done: Pick<Slug, 'manifest' | 'checksum' | 'size'>): Slug {
      db.run(
        'update slugs set manifest = ?, checksum = ?, size = ?, updated_at = ? where id = ?',
        done.manifest,
        done.checksum,
        done.size,
        now(),
        id,
      )
      return table.get(id)
    },
    remove(id: string): void {
      db.run('delete from slugs where id = ?', id)
    },
  }
  return table
}

const slugOf = (row: Row): Slug => ({
  id: row['id'] as string,
  appId: row['app_id'] as string,
  commit: row['commit_sha'] as string | null,
  commitDescription: row['commit_description'] as string | null,
  buildpackDescription: row['buildpack_description'] as string | null,
  checksum: row['checksum'] as string | null,
  size: row['size'] as number | null,
  stack: row['stack'] as string,
  processTypes: JSON.parse(row['process_types'] as string) as Record<string, string>,
  manifest: row['manifest'] as string | null,
  createdAt: row['created_at'] as string,
  updatedAt: row['updated_at'] as string,
})
