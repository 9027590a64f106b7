import { readTenantText } from '../sandbox/index.ts'
import type { Slug } from '../store/index.ts'
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
  const procfile = await readTenantText(tree, 'Procfile', PROCFILE_BYTES_MAX)
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

/** Room for a thousand process types. */
const PROCFILE_BYTES_MAX = 64 * 1024

const names = (types: readonly string[]): string =>
  types.length === 0 ? '(none)' : types.toSorted().join(', ')
