import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cell } from '../frames/cell.ts'
import type { Pickled } from '../pickled.ts'
import { DTYPES_FILE, isFile, MANIFEST, readShort, type Manifest } from './find-files.ts'
import { naming } from './name-file.ts'
import { readClasses, readColumns } from './parts.ts'
import { readInWorker, type ReadLimits } from './read-in-worker.ts'

/** What lies beside the model and says more about its columns and classes. */
export type Beside = Readonly<{
  columns: readonly string[] | undefined
  dtypes: Pickled | undefined
  classes: readonly Cell[] | undefined
  /** Those that were read, below the folder. */
  files: readonly string[]
}>

/** @param folder below `directory`, where the model's file lies */
export async function readBeside(
  directory: string,
  folder: string,
  manifest: Manifest,
  limits: ReadLimits,
): Promise<Beside> {
  const files = await listFiles(directory, folder)
  const columnFile = manifest.columns === undefined ? oneOf(files, COLUMN_FILE) : undefined
  const dtypesFile = oneOf(files, DTYPES_FILE)
  const hasClasses = manifest.classes === undefined && (await isFile(join(directory, CLASSES_FILE)))
  const text = async (file: string): Promise<string> =>
    (await readShort(join(directory, file))) ?? ''
  return {
    columns:
      columnFile === undefined ? manifest.columns : readColumns(await text(columnFile), columnFile),
    dtypes:
      dtypesFile === undefined
        ? undefined
        : await naming(dtypesFile, false, () => readInWorker(join(directory, dtypesFile), limits)),
    classes: hasClasses ? readClasses(await text(CLASSES_FILE)) : manifest.classes,
    files: [
      ...(columnFile === undefined ? [] : [columnFile]),
      ...(dtypesFile === undefined ? [] : [dtypesFile]),
      ...(hasClasses ? [CLASSES_FILE] : []),
      ...(Object.keys(manifest).length === 0 ? [] : [MANIFEST]),
    ],
  }
}

/** `columns.json`, `column_names.json`, `baseline_model_columns.json` … */
const COLUMN_FILE = /^(.*[_-])?(columns|column_names|feature_names)\.json$/i
const CLASSES_FILE = 'classes.json'

/** Files of the folder itself, then of the one where the model lies. */
async function listFiles(directory: string, folder: string): Promise<string[]> {
  const folders = folder === '.' ? ['.'] : ['.', folder]
  const lists = await Promise.all(
    folders.map(async (name) => {
      const entries = await readdir(join(directory, name), { withFileTypes: true })
      return entries.filter((entry) => entry.isFile()).map((entry) => join(name, entry.name))
    }),
  )
  return lists.flat().toSorted((a, b) => a.length - b.length)
}

/** The file with the shortest name: `columns.json` comes before `new_columns.json`. */
const oneOf = (files: readonly string[], pattern: RegExp): string | undefined =>
  files.find((file) => pattern.test(file.split('/').at(-1) ?? ''))
