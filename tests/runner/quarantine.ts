import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ROOT } from './test-files.ts'

/** A file with a test that fails now and then, and why. Its failures do not fail the run. */
export type Quarantined = Readonly<{ file: string; reason: string }>

/**
 * The quarantine of `tests/quarantine.json`.
 *
 * @throws Error naming every entry that has no file or no reason
 */
export function readQuarantine(
  text = readFileSync(join(ROOT, 'tests/quarantine.json'), 'utf8'),
  exists: (file: string) => boolean = (file) => existsSync(join(ROOT, file)),
): Quarantined[] {
  const entries: unknown = JSON.parse(text)
  if (!Array.isArray(entries)) throw new Error('tests/quarantine.json is not a list.')
  const wrong = entries.filter((entry) => !isQuarantined(entry) || !exists(entry.file))
  if (wrong.length === 0) return entries
  throw new Error(
    `tests/quarantine.json: every entry needs the file of a test that exists and a reason:\n${wrong
      .map((entry) => JSON.stringify(entry))
      .join('\n')}`,
  )
}

const isQuarantined = (entry: unknown): entry is Quarantined =>
  typeof entry === 'object' &&
  entry !== null &&
  'file' in entry &&
  typeof entry.file === 'string' &&
  'reason' in entry &&
  typeof entry.reason === 'string' &&
  entry.reason.trim() !== ''

/** Parts failed files (absolute paths) into those that fail the run and those in quarantine. */
export function judge(
  failedFiles: readonly string[],
  quarantine: readonly Quarantined[],
): { failed: string[]; excused: string[] } {
  const names = failedFiles.map((file) => relative(ROOT, file)).toSorted()
  const isExcused = (name: string): boolean => quarantine.some(({ file }) => file === name)
  return {
    failed: names.filter((name) => !isExcused(name)),
    excused: names.filter(isExcused),
  }
}
