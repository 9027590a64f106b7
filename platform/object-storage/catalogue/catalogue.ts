import { bucketsTable } from './buckets.ts'
import { Database, type OnLost } from './database.ts'
import { objectsTable } from './objects.ts'
import { uploadsTable } from './uploads.ts'

/**
 * Which file is which object. An object is there once its row is committed, so a crash leaves at
 * most a file that nothing names, and a reader sees the old object or the new.
 */
export type Catalogue = Readonly<{
  buckets: ReturnType<typeof bucketsTable>
  objects: ReturnType<typeof objectsTable>
  uploads: ReturnType<typeof uploadsTable>
  transaction: Database['transaction']
  /** Every file that an object or a part is in. */
  files: () => Set<string>
  close: () => Promise<void>
}>

export async function openCatalogue(directory: string, onLost: OnLost): Promise<Catalogue> {
  const db = await Database.open(directory, onLost)
  const [objects, uploads] = [objectsTable(db), uploadsTable(db)]
  return {
    buckets: bucketsTable(db),
    objects,
    uploads,
    transaction: (work) => db.transaction(work),
    files: () => new Set([...objects.files(), ...uploads.files()]),
    close: () => db.close(),
  }
}
