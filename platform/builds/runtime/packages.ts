import { cp, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, sep } from 'node:path'
import { exists } from '../../slugs/index.ts'

/**
 * Copies npm packages with all that they depend on, and nothing else, into a `node_modules`, laid
 * out as npm has laid them out here.
 *
 * @param names packages to begin with
 * @param from folder from which they are found, as Node would find them
 * @param without packages that are left out with what only they need
 */
export async function copyPackages(
  names: readonly string[],
  from: string,
  target: string,
  without: ReadonlySet<string> = new Set(),
): Promise<void> {
  const found = new Set<string>()
  await collect(names, from, without, found)
  for (const folder of found) {
    const filter = (path: string): boolean => path !== join(folder, 'node_modules')
    await cp(folder, join(target, placeOf(folder)), { recursive: true, dereference: true, filter })
  }
}

/** A package's place below the topmost `node_modules`. */
const placeOf = (folder: string): string =>
  folder.slice(folder.indexOf(`${sep}node_modules${sep}`) + `${sep}node_modules${sep}`.length)

async function collect(
  names: readonly string[],
  from: string,
  without: ReadonlySet<string>,
  found: Set<string>,
): Promise<void> {
  for (const name of names) {
    const folder = without.has(name) ? undefined : await findPackage(name, from)
    if (folder === undefined || found.has(folder)) continue
    found.add(folder)
    await collect(await dependenciesOf(folder), folder, without, found)
  }
}

/** Optional ones count: they are what is installed for this machine. */
async function dependenciesOf(folder: string): Promise<string[]> {
  const json = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
    optionalDependencies?: Record<string, string>
  }
  return Object.keys({ ...json.dependencies, ...json.optionalDependencies })
}

/** The folder of a package as a file in `from` would get it; undefined if it is not installed. */
async function findPackage(name: string, from: string): Promise<string | undefined> {
  const folders = createRequire(join(from, 'package.json')).resolve.paths(name) ?? []
  for (const folder of folders) {
    if (await exists(join(folder, name, 'package.json'))) return join(folder, name)
  }
  return undefined
}
