import * as documents from './documents.ts'
import type { Parts } from './work.ts'

/** The file first: a row without its file can be deleted again, a file without a row cannot. */
export async function removeVersion({ database, store }: Parts, version: documents.Version) {
  await store.remove(version.key)
  await documents.remove(database, version)
}
