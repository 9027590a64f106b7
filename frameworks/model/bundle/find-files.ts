import { open, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { parseJson } from '../frames/parse-json.ts'
import { problem } from '../problems.ts'

/** Which files of a folder are the model, and where that is known from. */
export type ModelFiles = Readonly<{
  /** Below the folder, e.g. `artifacts/model.pkl`. */
  files: readonly string[]
  /** `declared`: in this order, by `model.json`; `found`: by their names. */
  by: 'declared' | 'found'
}>

const Names = z.array(z.string().min(1).max(1000)).min(1).max(100_000)
const Manifest = z.strictObject({
  file: z.string().optional(),
  steps: z.array(z.string()).min(1).max(8).optional(),
  columns: Names.optional(),
  classes: z
    .array(z.union([z.string(), z.number(), z.boolean()]))
    .min(2)
    .optional(),
})

/** What `model.json` says where files and columns cannot be guessed. */
export type Manifest = z.infer<typeof Manifest>

/**
 * Reads `model.json`. Other programs have files of that name: one without any of our keys is theirs.
 *
 * @throws Problem that names the wrong key
 */
export async function readManifest(directory: string): Promise<Manifest> {
  const text = await readShort(join(directory, MANIFEST))
  const value: unknown = text === undefined ? undefined : parseJson(text)
  const isOurs =
    typeof value === 'object' &&
    value !== null &&
    Object.keys(Manifest.shape).some((key) => Object.hasOwn(value, key))
  if (!isOurs) return {}
  const result = Manifest.safeParse(value)
  if (result.success) return result.data
  const wrong = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw problem('model_invalid', `model.json is not valid: ${wrong.join('; ')}.`, {
    hint: `It may look like this: ${EXAMPLE}`,
  })
}

export const MANIFEST = 'model.json'
const EXAMPLE = '{"steps": ["scaler.pkl", "model.pkl"], "columns": ["age", "income"]}'

/** Text of a file of moderate size, such as a list of columns; undefined if there is none. */
export async function readShort(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined || !found.isFile() || found.size > SHORT_BYTES_MAX) return undefined
  return await readFile(path, 'utf8')
}

const SHORT_BYTES_MAX = 16_000_000

/**
 * The files that make up the model: those that `model.json` names, `pipeline.pickle` and its like,
 * or all pickle, joblib, skops and ONNX files there.
 *
 * @throws Problem `model_invalid` if there are none, or too many to tell
 */
export async function findModelFiles(directory: string, manifest: Manifest): Promise<ModelFiles> {
  const declared = manifest.steps ?? (manifest.file === undefined ? undefined : [manifest.file])
  if (declared !== undefined) {
    for (const file of declared) await requireBelow(directory, file)
    return { files: declared, by: 'declared' }
  }
  for (const file of ['pipeline.pickle', 'pipeline.skops', 'model.onnx']) {
    if (await isFile(join(directory, file))) return { files: [file], by: 'found' }
  }
  for (const folder of FOLDERS) {
    const files = await pickledIn(directory, folder)
    if (files.length > 0) return { files: oneOfEach(files), by: 'found' }
  }
  throw problem('model_invalid', `There is no model file in ${directory}.`, {
    hint: 'Put one there, for example model.pkl or model.joblib, or name it in model.json.',
  })
}

/** Where people keep models, in this order. */
const FOLDERS = ['', 'model', 'models', 'artifacts', 'artifact', 'saved_models']
const MODEL_FILE = /\.(pkl|pickle|joblib|sav|skops|onnx|bin)$/i
/** Types of columns, which are no part of a model. */
export const DTYPES_FILE = /^(.*[_-])?dtypes\.(pickle|pkl)$/i
const FILES_MAX = 20

async function pickledIn(directory: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(directory, folder), { withFileTypes: true }).catch(() => [])
  const names = entries
    .filter(
      (entry) => entry.isFile() && MODEL_FILE.test(entry.name) && !DTYPES_FILE.test(entry.name),
    )
    .map(({ name }) => name)
    .toSorted()
  const stored: string[] = []
  for (const name of names) {
    const file = join(folder, name)
    if (await isStored(join(directory, file))) stored.push(file)
  }
  if (stored.length <= FILES_MAX) return stored
  throw problem('model_invalid', `${stored.length} files here could be the model.`, {
    hint: `Name yours in model.json: {"file": "${stored[0]}"}`,
  })
}

/**
 * Git LFS leaves a short text in place of a file that was not fetched. A `.bin` may be anything; one
 * of a pickle begins with the mark of its protocol.
 */
async function isStored(path: string): Promise<boolean> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(LFS_MARK.length) })
  if (buffer.toString('latin1', 0, bytesRead) === LFS_MARK) return false
  return !path.endsWith('.bin') || buffer[0] === PROTOCOL_MARK
}

const PROTOCOL_MARK = 0x80

const LFS_MARK = 'version https://git-lfs'

/** People keep a model as model.pkl and as model.joblib: of the same name, the first counts. */
function oneOfEach(files: readonly string[]): string[] {
  const byName = new Map<string, string>()
  for (const file of files) {
    const name = file.replace(MODEL_FILE, '').toLowerCase()
    if (!byName.has(name)) byName.set(name, file)
  }
  return [...byName.values()]
}

async function requireBelow(directory: string, file: string): Promise<void> {
  const isOutside = file.startsWith('/') || file.split('/').includes('..')
  if (!isOutside && (await isFile(join(directory, file)))) return
  throw problem('model_invalid', `model.json names the file ${file}, which is not in the folder.`)
}

export async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
