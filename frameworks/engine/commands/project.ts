import { availableParallelism } from 'node:os'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { codeOf } from '@hokku/kit/error-code'
import { createAppEvents } from '../dase/app-events.ts'
import type { TrainingContext } from '../dase/context.ts'
import type { EngineModule } from '../dase/engine-module.ts'
import { engineKeyOf } from '../dase/instance.ts'
import { findNamed, resolveEngine, type TemplateHints } from '../dase/resolve-engine.ts'
import type { ModelPlace } from '../dase/trained-models.ts'
import { isTooNew, readTemplateVersion } from '../dase/template-version.ts'
import { type EngineParams, parseVariant, type Variant } from '../dase/variant.ts'
import { openFiles } from '../files/open-files.ts'
import type { EngineKey } from '../metadata/metadata-store.ts'
import { problem } from '../problems.ts'
import { acceptSources } from '../scala/accept-sources.ts'
import { applyVariations } from '../scala/apply-variations.ts'
import { type Judgment, judgeSources } from '../scala/judge-sources.ts'
import { readSources } from '../scala/read-sources.ts'
import { templates } from '../templates/catalogue.ts'
import { VERSION } from '../version.ts'
import type { Context, PioCall } from './command.ts'
import { reporter } from './reporter.ts'

/** An engine directory with one of its variants. */
export type Project = Readonly<{
  directory: string
  variant: Variant
  variantPath: string
  module: EngineModule
  key: EngineKey
  /** For those who resolve the engine again, in another thread. */
  hints: TemplateHints
  /** Why the engine may not do what its Scala sources say; undefined if it does. */
  notice: string | undefined
}>

/** What of a call names its project; only some commands have the last two options. */
type ProjectCall = Readonly<{
  options: PioCall['options'] &
    Readonly<{
      'engine-factory'?: string | undefined
      'engine-params-key'?: string | undefined
    }>
}>

export const engineDirectory = (call: ProjectCall, { cwd }: Context): string =>
  resolve(cwd, call.options['engine-dir'] ?? '.')

/**
 * The project that the common options name: `--engine-dir`, and `--variant`, which is relative to
 * the working directory.
 *
 * @throws Problem `variant_invalid`, `engine_unknown`, `engine_invalid`, `scala_unknown`
 */
export async function readProject(call: ProjectCall, context: Context): Promise<Project> {
  const directory = engineDirectory(call, context)
  const { variant: read, path: variantPath } = await readVariant(call, context)
  const engineFactory = call.options['engine-factory'] ?? read.engineFactory
  const scala = judgeSources(await readSources(directory))
  const hints = hintsOf(read, scala)
  const module = await resolveEngine(directory, engineFactory, templates, hints)
  // An engine.ts is what the engine does; Scala beside it is only what it once was.
  const isTemplate = !module.name.startsWith(directory)
  const notice = isTemplate ? acceptSources(scala, module.name, context.env) : undefined
  const variations = isTemplate ? scala.variations : []
  variations.forEach(({ name }) => context.log.info('Engine$', `The engine's Scala: ${name}.`))
  if (notice !== undefined) context.log.warn('Engine$', notice)
  const params = applyVariations(read.params, variations)
  const variant = { ...read, engineFactory, params }
  return {
    directory,
    variant,
    variantPath,
    module,
    hints,
    notice,
    key: engineKeyOf(variant, directory, context.env, {
      id: call.options['engine-id'],
      version: call.options['engine-version'],
    }),
  }
}

/** What decides which template an engine is of, beside the name of its factory. */
const hintsOf = ({ params }: Variant, scala: Judgment): TemplateHints => ({
  template: scala.template,
  algorithms: params.algorithms.map(({ name }) => name).filter((name) => name !== ''),
})

/** @throws Problem `variant_invalid` */
export async function readVariant(
  call: ProjectCall,
  context: Context,
): Promise<{ variant: Variant; path: string }> {
  const option = call.options.variant
  const path =
    option === undefined
      ? join(engineDirectory(call, context), 'engine.json')
      : resolve(context.cwd, option)
  return { variant: parseVariant(await readVariantFile(path), path, context.env), path }
}

async function readVariantFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    throw problem('variant_invalid', `${path} does not exist. Aborting.`, {
      hint: 'Run pio in an engine directory, or name it with --engine-dir.',
    })
  }
}

/** The parameters to use: those of engine.json, or with `--engine-params-key` the engine's own. */
export function paramsOf(project: Project, call: ProjectCall): EngineParams {
  const key = call.options['engine-params-key']
  if (key === undefined) return project.variant.params
  const params = findNamed(project.module.engineParams, key)
  if (params !== undefined) return params
  throw problem('params_invalid', `The engine has no params called ${key}.`, {
    hint: `It has: ${Object.keys(project.module.engineParams).join(', ') || 'none'}`,
  })
}

/**
 * Refuses a template that needs a later version; upstream's train forgot to.
 *
 * @throws Problem `template_incompatible`
 */
export async function checkTemplate(directory: string, { log }: Context): Promise<void> {
  const path = join(directory, 'template.json')
  const version = await readTemplateVersion(path)
  if (version === undefined) {
    log.warn(
      'Template$',
      `${path} does not exist. Template metadata will not be available. (This is safe to ignore if you are not working on a template.)`,
    )
  } else if (isTooNew(version)) {
    throw problem(
      'template_incompatible',
      `This engine template requires at least PredictionIO ${version}. The template may not work with PredictionIO ${VERSION}.`,
    )
  }
}

export function trainingContext(
  project: Pick<Project, 'directory'>,
  context: Context,
): TrainingContext {
  return {
    events: createAppEvents(context.storage()),
    files: openFiles(context.env),
    env: context.env,
    engineDirectory: project.directory,
    threads: availableParallelism(),
    log: (message) => context.log.info('Engine$', message),
    progress: reporter(context.log).report,
    signal: context.signal,
  }
}

/** Where algorithms that save their own models do so. */
export const modelPlace = ({ env }: Context): ModelPlace => ({
  directory:
    env['PIO_FS_TMPDIR'] ||
    join(env['PIO_FS_BASEDIR'] || join(env['HOME'] ?? '.', '.pio_store'), 'tmp'),
  files: openFiles(env),
})
