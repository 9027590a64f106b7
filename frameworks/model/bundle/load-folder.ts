import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { problem } from '../problems.ts'
import { formatOf } from '../pickle/container.ts'
import { isArchive } from '../skops/read-skops.ts'
import { createModel, type Model } from './model.ts'
import { probed } from './probe-model.ts'
import { onnxEstimator } from '../onnx/onnx-estimator.ts'
import { openOnnx } from '../onnx/onnx-session.ts'
import { chainParts, type Chain, type FileContent } from './chain-parts.ts'
import { findModelFiles, readManifest } from './find-files.ts'
import { inferSchema } from './infer-schema.ts'
import { inputNames, type ModelInputs } from './model-inputs.ts'
import { nestedAtMost, namesOfTypes, schemaOf } from './parts.ts'
import { readBeside, type Beside } from './read-beside.ts'
import { readInWorker, READ_LIMITS, type ReadLimits } from './read-in-worker.ts'
import { naming, withWayOut } from './name-file.ts'
import { findVersions, type Versions } from './versions.ts'

/** A model folder that has been read: the model and where it comes from. */
export type Bundle = Readonly<{
  directory: string
  name: string
  model: Model
  /** SHA-256 over the files, shortened: what predictions are stamped with. */
  version: string
  /** Files that the model was made of, below the folder. */
  files: readonly string[]
  pipelineBytes: number
  writers: Versions
  /** What kind of file the pipeline is: `pickle, protocol 4`, `joblib, zlib`, `skops`, … */
  format: string
  /** What had to be assumed, in sentences. */
  notes: readonly string[]
}>

/**
 * Loads the model of a folder: `pipeline.pickle`, `columns.json` and `dtypes.pickle`, or the files
 * that people have: `model.pkl`, `scaler.pkl` and `model.joblib` … Columns, types and classes come
 * from the files as far as those know them.
 *
 * @throws Problem that names the file and what is wrong with it
 * @example
 * const { model, version } = await loadFolder('titanic')
 * console.log(version, model.kind, model.classes)
 */
export async function loadFolder(
  directory: string,
  limits: ReadLimits = READ_LIMITS,
): Promise<Bundle> {
  const at = (file: string): string => join(directory, file)
  const manifest = await readManifest(directory)
  const { files, by } = await findModelFiles(directory, manifest)
  const [first = ''] = files
  const beside = await readBeside(directory, dirname(first), manifest, limits)
  const isOnnx = files.length === 1 && first.endsWith('.onnx')
  const contents = isOnnx ? [] : await withWayOut(files, () => readAll(directory, files, limits))
  const { model, notes } = await naming(first, files.length > 1, async () =>
    isOnnx
      ? { model: probed(await loadOnnx(directory, first, beside)), notes: [] }
      : modelOf(await withWayOut(files, () => chainParts(contents, by === 'declared')), beside),
  )
  const writers = findVersions(contents.map(({ value }) => value))
  const read = [...files, ...beside.files]
  return {
    directory: resolve(directory),
    name: basename(resolve(directory)),
    model,
    version: await contentHash(read.map(at)),
    files: read,
    pipelineBytes: await sizeOf(files.map(at)),
    writers,
    format: formatName(await firstBytes(at(first)), isOnnx, writers),
    notes,
  }
}

/** A file that cannot be read may be the model itself, or the step before it: it stops the others. */
async function readAll(
  directory: string,
  files: readonly string[],
  limits: ReadLimits,
): Promise<FileContent[]> {
  const contents: FileContent[] = []
  for (const file of files) {
    const value = await naming(file, false, () => readInWorker(join(directory, file), limits))
    contents.push({ file, value })
  }
  return contents
}

function modelOf(chain: Chain, beside: Beside): Pick<Bundle, 'model' | 'notes'> {
  const names =
    beside.columns ??
    chain.columns ??
    chain.inputs.names ??
    namesOfTypes(beside.dtypes) ??
    inputNames(chain.inputs)
  if (names === undefined) {
    throw problem('model_invalid', 'The model does not say which columns it takes.', {
      hint: 'List them, in the order of the training: columns.json with ["age", "income"].',
    })
  }
  refuseWide(chain.inputs, names)
  const classes = beside.classes ?? chain.fitted.classes
  const fitted = classes === undefined ? chain.fitted : { ...chain.fitted, classes }
  const schema =
    beside.dtypes === undefined && beside.columns === undefined
      ? inferSchema(fitted, names)
      : schemaOf(names, beside.dtypes)
  const assumed = beside.columns === undefined ? [columnsNote(chain, names)] : []
  return {
    model: probed(nestedAtMost(() => createModel(fitted, schema))),
    notes: [...chain.notes, ...assumed],
  }
}

/** So many columns without a name are words of a vectorizer, or dummies of a frame that was not kept. */
function refuseWide({ names: known, isText }: ModelInputs, names: readonly string[]): void {
  const isNamed = known !== undefined || isText === true || names[0] !== 'x0'
  if (isNamed || names.length <= ANONYMOUS_MAX) return
  throw problem('model_invalid', `The model takes ${names.length} columns that have no names.`, {
    hint: 'Put the file of the vectorizer or encoder that makes them beside it, or list them in columns.json.',
  })
}

const ANONYMOUS_MAX = 1000

function columnsNote({ columns, inputs }: Chain, names: readonly string[]): string {
  const count = names.length === 1 ? 'One column' : `${names.length} columns`
  if (columns !== undefined) return `${count}, as a file beside the model lists them.`
  if (inputs.names !== undefined) return `${count}, named in the model's file.`
  if (inputs.isText === true)
    return 'One column, which is called text here: send it as your program prepared it for the vectorizer.'
  return `${count}; the file knows no names, so they are called x0, x1 … here. To name them: columns.json.`
}

function formatName(head: Uint8Array, isOnnx: boolean, { isJoblib }: Versions): string {
  if (isOnnx) return 'ONNX'
  if (isArchive(head)) return 'skops'
  const packed = formatOf(head)
  if (packed !== 'none') return `joblib, ${packed}`
  return `${isJoblib ? 'joblib' : 'pickle'}, protocol ${head[1]}`
}

async function firstBytes(path: string): Promise<Uint8Array> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read({ buffer: new Uint8Array(HEAD_BYTES) })
  return buffer.subarray(0, bytesRead)
}

const HEAD_BYTES = 16

/** Classes may lie beside the model, since ONNX does not tell them. */
async function loadOnnx(directory: string, file: string, beside: Beside): Promise<Model> {
  const { columns, dtypes, classes } = beside
  if (columns === undefined) {
    throw problem('model_invalid', `There is no ${join(directory, 'columns.json')}.`, {
      hint: 'An ONNX model does not say which columns it takes: list them in columns.json.',
    })
  }
  const session = await openOnnx(join(directory, file), resolve(directory))
  return nestedAtMost(() =>
    createModel(onnxEstimator(session, columns, classes), schemaOf(columns, dtypes)),
  )
}

async function sizeOf(paths: readonly string[]): Promise<number> {
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function contentHash(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const path of paths) {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  }
  return hash.digest('hex').slice(0, VERSION_DIGITS)
}

const VERSION_DIGITS = 12
