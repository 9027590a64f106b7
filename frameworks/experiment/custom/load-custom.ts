import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { reasonOf } from '@hokku/kit/problem'
import * as z from 'zod'
import { problem } from '../problems.ts'
import type { CustomStudy } from './define-study.ts'

/** The study's own code. */
export type LoadedCustom = Readonly<{
  study: CustomStudy
  /** Whether there is a `custom.py`, and nothing that replaces it. */
  hasPython: boolean
}>

/**
 * Imports `custom.ts` (or `.js`, `.mjs`) of a study. It need not have `@hokku/experiment` installed,
 * and is read as an ES module regardless of what its `package.json` says.
 *
 * @throws Problem `custom_code_broken` with the file and the reason
 */
export async function loadCustom(directory: string): Promise<LoadedCustom> {
  const path = FILES.map((name) => join(directory, name)).find((name) => existsSync(name))
  if (path !== undefined) {
    return { study: await importStudy(path), hasPython: false }
  }
  return { study: {}, hasPython: existsSync(join(directory, 'custom.py')) }
}

const FILES = ['custom.ts', 'custom.mts', 'custom.js', 'custom.mjs']

/** Functions are checked where they are called: only the shape matters here. */
const Shape = z.object({
  default: z.object({
    routes: z
      .record(
        z.string(),
        z.custom((value) => typeof value === 'function'),
      )
      .optional(),
    initApp: z.custom((value) => typeof value === 'function').optional(),
    getCondition: z.custom((value) => typeof value === 'function').optional(),
  }),
})

async function importStudy(path: string): Promise<CustomStudy> {
  mapPackageName(pathToFileURL(path).href)
  let module: unknown
  try {
    module = await import(pathToFileURL(path).href)
  } catch (error) {
    const reason = reasonOf(error)
    throw problem('custom_code_broken', `${path} cannot be loaded: ${reason}`, { cause: error })
  }
  const shape = Shape.safeParse(module)
  if (shape.success) return (module as { default: CustomStudy }).default
  throw problem('custom_code_broken', `${path} must export a study by default.`, {
    hint: "export default defineStudy({ routes: { 'GET /path': … } })",
  })
}

/** Lets the study's code import this package by name, from wherever it is. */
function mapPackageName(entry: string): void {
  const own = new URL('../index.ts', import.meta.url).href
  registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier === '@hokku/experiment') return { url: own, shortCircuit: true }
      const resolved = next(specifier, context)
      return resolved.url === entry && entry.endsWith('.ts')
        ? { ...resolved, format: 'module-typescript' }
        : resolved
    },
  })
}
