import { readFile } from 'node:fs/promises'
import { codeOf } from '@hokku/kit/error-code'
import { problem } from '../problems.ts'
import { VERSION, VERSION_MIN } from '../version.ts'

/**
 * The minimum version in a `template.json`; undefined if there is no such file.
 *
 * @throws Problem `template_incompatible` for a file without `pio.version.min`
 */
export async function readTemplateVersion(path: string): Promise<string | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  const min = minimumIn(text)
  if (min !== undefined) return min
  throw problem('template_incompatible', `${path} does not say pio.version.min.`, {
    hint: 'It should look like {"pio": {"version": {"min": "0.14.0"}}}',
  })
}

/** By hand, because `pio version` must not wait for a validator to load. */
function minimumIn(text: string): string | undefined {
  try {
    const json = JSON.parse(text) as { pio?: { version?: { min?: unknown } } } | null
    const min = json?.pio?.version?.min
    return typeof min === 'string' ? min : undefined
  } catch {
    return undefined
  }
}

/** Whether an engine that needs at least this version runs here: 0.11 to 0.14, with any suffix. */
export function acceptedVersion(version: string): boolean {
  const numbers = numbersOf(version)
  if (numbers === undefined) return false
  return (
    compare(numbers, numbersOf(VERSION_MIN) ?? []) >= 0 &&
    compare(numbers.slice(0, 2), (numbersOf(VERSION) ?? []).slice(0, 2)) <= 0
  )
}

/** Whether an engine needs a PredictionIO later than ours; its suffix makes a pre-release. */
export function isTooNew(version: string): boolean {
  const numbers = numbersOf(version)
  return numbers === undefined || compare(numbers, numbersOf(VERSION) ?? []) > 0
}

function numbersOf(version: string): number[] | undefined {
  const match = /^(\d+)\.(\d+)(?:\.(\d+))?(?:-[\w.-]+)?$/.exec(version)
  return match === null ? undefined : [match[1], match[2], match[3] ?? '0'].map(Number)
}

const compare = (a: readonly number[], b: readonly number[]): number =>
  a.map((value, at) => value - (b[at] ?? 0)).find((difference) => difference !== 0) ?? 0
