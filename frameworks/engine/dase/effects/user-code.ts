import { access } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { problem } from '../../problems.ts'
import { type EngineModule, readEngineModule } from '../engine-module.ts'

/**
 * The project's own `engine.ts` (or `.js`, `.mjs`) with what `evaluation.ts` beside it exports;
 * undefined if there is none.
 *
 * User code imports `@hokku/engine` without a link in its `node_modules`, and is read as an ES
 * module regardless of what its `package.json` says.
 *
 * @throws Problem `engine_invalid`
 */
export async function loadUserEngine(directory: string): Promise<EngineModule | undefined> {
  const path = await firstExisting(directory, 'engine')
  if (path === undefined) return undefined
  enableUserCode(directory)
  const exports = await load(path)
  const evaluation = await firstExisting(directory, 'evaluation')
  const more = evaluation === undefined ? {} : await load(evaluation)
  return readEngineModule({ ...more, ...exports }, path)
}

async function firstExisting(directory: string, name: string): Promise<string | undefined> {
  for (const ending of ['ts', 'js', 'mjs']) {
    const path = join(directory, `${name}.${ending}`)
    const exists = await access(path).then(
      () => true,
      () => false,
    )
    if (exists) return path
  }
  return undefined
}

const enabled = new Set<string>()

/** Maps the package name to this installation and marks the project's files as ES modules. */
export function enableUserCode(directory: string): void {
  if (enabled.has(directory)) return
  enabled.add(directory)
  const root = `${pathToFileURL(directory).href}/`
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === '@hokku/engine'
        ? { url: ENGINE_URL, shortCircuit: true }
        : next(specifier, context),
    load: (url, context, next) => {
      if (!url.startsWith(root) || url.includes('/node_modules/')) return next(url, context)
      if (url.endsWith('.ts')) return next(url, { ...context, format: 'module-typescript' })
      return next(url, context)
    },
  })
}

const ENGINE_URL = import.meta.resolve('../../index.ts')

async function load(path: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>
  } catch (error) {
    throw problem('engine_invalid', `${path} cannot be loaded: ${explain(error)}`, { cause: error })
  }
}

/** The first lines of the stack name the place in the user's file. */
const explain = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)
