import { join } from 'node:path'
import type { Cell } from '../frames/cell.ts'
import type { Pickled } from '../pickled.ts'
import { isFile, MANIFEST, readShort, type Manifest } from './find-files.ts'
import { naming } from './name-file.ts'
import { readClasses, readColumns } from './parts.ts'
import { readInWorker, type ReadLimits } from './read-in-worker.ts'

/** What lies beside the model and says more about its columns and classes. */
export type Beside = Readonly<{
  columns: readonly string[] | undefined
  dtypes: Pickled | undefined
  classes: readonly Cell[] | undefined
  files: readonly string[]
}>

export async function readBeside(
  directory: string,
  manifest: Manifest,
  limits: ReadLimits,
): Promise<Beside> {
  const at = (file: string): string => join(directory, file)
  const texts = await Promise.all(
    [...COLUMN_FILES, CLASSES_FILE, MANIFEST].map(
      async (file) => [file, await readShort(at(file))] as const,
    ),
  )
  const found = new Map(texts.filter(([, text]) => text !== undefined))
  const columnFile = COLUMN_FILES.find((file) => found.has(file))
  const hasDtypes = await isFile(at('dtypes.pickle'))
  const classes = found.get(CLASSES_FILE)
  return {
    columns:
      manifest.columns ??
      (columnFile === undefined ? undefined : readColumns(found.get(columnFile) ?? '', columnFile)),
    dtypes: hasDtypes
      ? await naming('dtypes.pickle', false, () => readInWorker(at('dtypes.pickle'), limits))
      : undefined,
    classes: manifest.classes ?? (classes === undefined ? undefined : readClasses(classes)),
    files: [
      ...(columnFile === undefined ? [] : [columnFile]),
      ...(hasDtypes ? ['dtypes.pickle'] : []),
      ...(classes === undefined ? [] : [CLASSES_FILE]),
      ...(Object.keys(manifest).length === 0 ? [] : [MANIFEST]),
    ],
  }
}

const COLUMN_FILES = ['columns.json', 'column_names.json']
const CLASSES_FILE = 'classes.json'
