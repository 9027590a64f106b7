import { parse } from 'yaml'
import * as z from 'zod'
import { problem } from '../../store/index.ts'

const ReleaseFile = z.object({
  default_process_types: z.record(z.string(), z.string()).nullish(),
  addons: z.array(z.string()).nullish(),
})

/** What `bin/release` of a buildpack asks for. */
export type BuildpackDefaults = Readonly<{
  processTypes: Readonly<Record<string, string>>
  /** Plans of add-ons for the app's first deploy. */
  addons: readonly string[]
}>

/** @throws Problem `build_rejected` for what is not the YAML of the buildpack contract */
export function parseReleaseFile(text: string, name: string): BuildpackDefaults {
  const result = ReleaseFile.safeParse(parseYaml(text, name) ?? {})
  if (!result.success) throw notARelease(name, result.error.issues[0]?.message ?? '')
  return {
    processTypes: result.data.default_process_types ?? {},
    addons: result.data.addons ?? [],
  }
}

function parseYaml(text: string, name: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 }) as unknown
  } catch (error) {
    throw notARelease(name, error instanceof Error ? error.message : '')
  }
}

const notARelease = (name: string, why: string) =>
  problem('build_rejected', `bin/release of ${name} did not print valid YAML: ${why}`)
