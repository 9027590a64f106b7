import { chmod, copyFile, cp, mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Home } from '../../store/index.ts'
import { fingerprint } from './installed-buildpacks.ts'
import { makeFolder } from './make-folder.ts'
import { copyPackages } from './packages.ts'

export type FrameworkSource = Readonly<{
  home: Pick<Home, 'runtime'>
  /** Folder of this repository. */
  root: string
  version: string
  name: string
}>

/**
 * What a framework needs to run anywhere: `node`, its own folder, `kit`, `postgres`, and
 * `node_modules` with just what these three depend on. Made once per version of the sources.
 */
export async function frameworkRuntime({
  home,
  root,
  version,
  name,
}: FrameworkSource): Promise<string> {
  const sources = {
    [name]: join(root, 'frameworks', name),
    kit: join(root, 'kit'),
    postgres: join(root, 'postgres'),
  }
  const marks = await Promise.all(Object.values(sources).map(fingerprint))
  const mark = marks.map((one) => one.slice(0, 8)).join('')
  const folder = join(home.runtime, version, `${name}-${mark}`)
  return await makeFolder(folder, async (temporary) => {
    await mkdir(join(temporary, 'node_modules/@hokku'), { recursive: true, mode: 0o755 })
    await copyFile(process.execPath, join(temporary, 'node'))
    await chmod(join(temporary, 'node'), 0o755)
    for (const [part, source] of Object.entries(sources)) {
      await cp(source, join(temporary, part), { recursive: true, filter: belongsInSlugs })
      await symlink(`../../${part}`, join(temporary, 'node_modules/@hokku', part))
      const { dependencies, without } = await packagesOf(source)
      await copyPackages(dependencies, source, join(temporary, 'node_modules'), without)
    }
  })
}

/** Tests and fixtures stay at home; so do packages that another copy brings. */
const belongsInSlugs = (path: string): boolean =>
  !/\/(?:node_modules|fixtures)(?:\/|$)|\.(?:test|system|slow)\.ts$/.test(path)

/** A workspace's npm packages; `hokku.notInSlugs` names those that only a machine of one's own needs. */
async function packagesOf(
  folder: string,
): Promise<{ dependencies: string[]; without: ReadonlySet<string> }> {
  const json = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
    hokku?: { notInSlugs?: string[] }
  }
  const names = Object.keys(json.dependencies ?? {}).filter((one) => !one.startsWith('@hokku/'))
  return { dependencies: names, without: new Set(json.hokku?.notInSlugs) }
}
