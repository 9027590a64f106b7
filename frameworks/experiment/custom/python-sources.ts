import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Texts of the Python files beside `custom.py`; a study has a handful. */
export function readPythonSources(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.py'))
    .slice(0, FILES_MAX)
    .map((name) => join(directory, name))
    .filter((path) => isSmallFile(path))
    .map((path) => readFileSync(path, 'utf8'))
}

const FILES_MAX = 100
const FILE_BYTES_MAX = 500_000

function isSmallFile(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false })
  return status?.isFile() === true && status.size <= FILE_BYTES_MAX
}
