import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a `custom.py` of the original contains, by reading its text. */
export type PythonCode = Readonly<{
  /** Each function that the study needs, with its addresses. */
  functions: readonly string[]
  /** The paths that it answers. */
  paths: readonly string[]
}>

/** @param directory folder of a study that has a `custom.py` */
export const readPython = (directory: string): PythonCode =>
  describePython(readFileSync(join(directory, 'custom.py'), 'utf8'))

/** What a study lacks that is served without its `custom.py`. */
export function describeMissing(directory: string): string {
  const { functions } = readPython(directory)
  const lacks = functions.join(', ') || 'nothing that it needs'
  return `custom.py is not run (without_custom). The study lacks: ${lacks}.`
}

export function describePython(source: string): PythonCode {
  const paths: string[] = []
  const functions: string[] = []
  let pending: string[] = []
  for (const line of source.split(/\r\n|\r|\n/)) {
    const path = /^\s*@\w+\.route\(\s*u?(['"])(.*?)\1/.exec(line)?.[2]
    if (path !== undefined) pending.push(path)
    const name = /^def\s+(\w+)\s*\(/.exec(line)?.[1]
    if (name === undefined) continue
    if (pending.length > 0 || SPECIAL.includes(name))
      functions.push([name, ...pending].join(' at '))
    paths.push(...pending)
    pending = []
  }
  return { functions, paths }
}

/** Functions that the original calls by name. */
const SPECIAL: readonly string[] = ['init_app', 'custom_get_condition']
