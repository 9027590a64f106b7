import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Rejected } from '#buildpack/compile'

/** What of a `package.json` counts for a build. */
export type PackageJson = Readonly<{
  engines: Readonly<Record<string, string>>
  scripts: Readonly<Record<string, string>>
  packageManager: string | null
  /** Folders that builds keep for the next one, as on Heroku. */
  cacheDirectories: readonly string[]
}>

/** @throws Rejected for a file that is no JSON object */
export function readPackageJson(tree: string): PackageJson {
  const json = parse(readFileSync(join(tree, 'package.json'), 'utf8'))
  return {
    engines: stringsOf(json['engines']),
    scripts: stringsOf(json['scripts']),
    packageManager: typeof json['packageManager'] === 'string' ? json['packageManager'] : null,
    cacheDirectories: [json['cacheDirectories'] ?? json['cache_directories'] ?? []]
      .flat()
      .filter((one): one is string => typeof one === 'string'),
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return objectOf(json)
  } catch (error) {
    throw new Rejected(`package.json is not valid JSON: ${(error as Error).message}`)
  }
  throw new Rejected('package.json is not a JSON object')
}

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

const stringsOf = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(objectOf(value)).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )
