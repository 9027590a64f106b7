import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Formation, Slug } from '../store/index.ts'
import type { Compiled } from './compile/run-buildpacks.ts'
import { parseProcfile } from './procfile.ts'
import type { PushText } from './push-text.ts'

/**
 * What the slug can run: the Procfile's entries over the defaults of the last buildpack.
 *
 * @throws Problem `build_rejected` for a Procfile that cannot be read
 */
export async function processTypesOf(
  tree: string,
  compiled: Compiled,
  text: PushText,
): Promise<Slug['processTypes']> {
  text.topic('Discovering process types')
  const procfile = await readFile(join(tree, 'Procfile'), 'utf8').catch(() => null)
  const declared = procfile === null ? {} : parseProcfile(procfile)
  const defaults = Object.entries(compiled.defaults.processTypes).filter(
    ([type]) => !(type in declared),
  )
  text.detail(`Procfile declares types     -> ${names(Object.keys(declared))}`)
  if (defaults.length > 0) {
    const title = `Default types for buildpack`
    text.detail(`${title} -> ${names(defaults.map(([type]) => type))}`)
  }
  return { ...Object.fromEntries(defaults), ...declared }
}

const names = (types: readonly string[]): string =>
  types.length === 0 ? '(none)' : types.toSorted().join(', ')

export type FormationChange = Readonly<{
  set: readonly Pick<Formation, 'type' | 'quantity' | 'size' | 'command'>[]
  drop: readonly string[]
}>

/**
 * The formation that a new slug leads to: new types start at 0, `web` at 1; known ones keep their
 * quantity and size; types that are gone are dropped.
 */
export function planFormation(
  processTypes: Slug['processTypes'],
  formation: readonly Formation[],
): FormationChange {
  const set = Object.entries(processTypes).map(([type, command]) => {
    const known = formation.find((one) => one.type === type)
    if (known !== undefined) return { ...known, command }
    return { type, quantity: type === 'web' ? 1 : 0, size: DEFAULT_SIZE, command }
  })
  const drop = formation.map((one) => one.type).filter((type) => !(type in processTypes))
  return { set, drop }
}

const DEFAULT_SIZE = 'Basic'
