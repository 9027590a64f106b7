import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { Problem } from '@hokku/kit/problem'
import { problem } from '../problems.ts'
import { formatOf } from '../pickle/container.ts'
import type { Pickled } from '../pickled.ts'
import { isArchive } from '../skops/read-skops.ts'
import { sampleObservation } from './measure-row.ts'
import { scoreAll, type Model } from './model.ts'
import { onnxEstimator } from '../onnx/onnx-estimator.ts'
import { openOnnx } from '../onnx/onnx-session.ts'
import { assembleAround, assembleModel, readClasses, readColumns } from './parts.ts'
import { readInWorker, READ_LIMITS, type ReadLimits } from './read-in-worker.ts'
import { findVersions, type Versions } from './versions.ts'

/** A model folder that has been read: the model and where it comes from. */
export type Bundle = Readonly<{
  directory: string
  name: string
  model: Model
  /** SHA-256 over the files, shortened: what predictions are stamped with. */
  version: string
  pipelineBytes: number
  writers: Versions
  /** What kind of file the pipeline is: `pickle, protocol 4`, `joblib, zlib`, `skops`, … */
  format: string
}>

/**
 * Loads `pipeline.pickle` (or `pipeline.skops`), `columns.json` and `dtypes.pickle` of a folder.
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
  const pipelineFile = await findPipeline(directory)
  await requireFile(at('columns.json'))
  const hasDtypes = await isFile(at('dtypes.pickle'))
  const read = (file: string): Promise<Pickled> =>
    naming(file, () => readInWorker(at(file), limits))
  const [dtypes, columns] = await Promise.all([
    hasDtypes ? read('dtypes.pickle') : undefined,
    readFile(at('columns.json'), 'utf8'),
  ])
  const isOnnx = pipelineFile === ONNX_FILE
  const pipeline = isOnnx ? null : await read(pipelineFile)
  const model = await naming(pipelineFile, async () =>
    probed(
      isOnnx
        ? await loadOnnx(directory, readColumns(columns), dtypes)
        : assembleModel(pipeline, readColumns(columns), dtypes),
    ),
  )
  const files = [pipelineFile, 'columns.json', ...(hasDtypes ? ['dtypes.pickle'] : [])]
  const writers = findVersions(pipeline)
  return {
    directory: resolve(directory),
    name: basename(resolve(directory)),
    model,
    version: await contentHash(files.map(at)),
    pipelineBytes: (await stat(at(pipelineFile))).size,
    writers,
    format: formatName(await firstBytes(at(pipelineFile)), isOnnx, writers),
  }
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

/** Scores a made-up row: a file whose parts do not fit together must fail now, not in service. */
function probed(model: Model): Model {
  try {
    scoreAll(model, [sampleObservation(model)])
  } catch (error) {
    if (!(error instanceof Problem)) {
      throw problem('model_invalid', 'The parts of the pipeline do not fit together.', {
        cause: error,
      })
    }
    // The model may refuse what we make up; that columns do not fit is another matter.
    if (error.code !== 'observation_invalid') throw error
  }
  return model
}

/** Failures say which file they are about. */
async function naming<T>(file: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const { code, id, status, hint, details } = error
    throw new Problem(code, { id, status }, `${file}: ${error.message}`, {
      ...(hint === undefined ? {} : { hint }),
      details: { ...details },
      cause: error,
    })
  }
}

/** Classes may lie beside the model, since ONNX does not tell them. */
async function loadOnnx(
  directory: string,
  columns: readonly string[],
  dtypes: Pickled | undefined,
): Promise<Model> {
  const session = await openOnnx(join(directory, ONNX_FILE), resolve(directory))
  const text = await readFile(join(directory, 'classes.json'), 'utf8').catch(() => undefined)
  const classes = text === undefined ? undefined : readClasses(text)
  return assembleAround(() => onnxEstimator(session, columns, classes), columns, dtypes)
}

const ONNX_FILE = 'model.onnx'

async function findPipeline(directory: string): Promise<string> {
  for (const file of ['pipeline.pickle', 'pipeline.skops', ONNX_FILE]) {
    if (await isFile(join(directory, file))) return file
  }
  throw missing(join(directory, 'pipeline.pickle'))
}

async function requireFile(path: string): Promise<void> {
  if (await isFile(path)) return
  throw missing(path)
}

const missing = (path: string): Error =>
  problem('model_invalid', `There is no ${path}.`, {
    hint: 'A model folder holds pipeline.pickle (or pipeline.skops), columns.json and dtypes.pickle.',
  })

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

async function contentHash(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const path of paths) {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  }
  return hash.digest('hex').slice(0, VERSION_DIGITS)
}

const VERSION_DIGITS = 12
