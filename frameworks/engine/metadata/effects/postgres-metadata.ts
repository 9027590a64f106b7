import type { Pool } from 'pg'
import type { MetadataStore } from '../metadata-store.ts'
import { appQueries } from './apps-sql.ts'
import { instanceQueries } from './instances-sql.ts'

/** The metadata store on PostgreSQL. The pool belongs to the store: `close` ends it. */
export const createPostgresMetadata = (pool: Pool): MetadataStore => ({
  ...appQueries(pool),
  ...instanceQueries(pool),
  close: () => pool.end(),
})
