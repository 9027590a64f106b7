import { createHash } from 'node:crypto'
import { chmod, cp, readdir, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Home } from '../../store/index.ts'
import type { BuiltIn } from '../compile/catalogue.ts'
import { makeFolder } from './make-folder.ts'
import { copyPackages } from './packages.ts'

/** A built-in buildpack at a place that builds can see. */
export type InstalledBuiltIn = Readonly<{ builtIn: BuiltIn; folder: string }>

/**
 * Copies the built-in buildpacks to the runtime folder, under a name that changes with their
 * content: builds never see the folder from which hokku runs.
 */
export async function installBuildpacks(
  home: Pick<Home, 'runtime'>,
  builtIns: readonly BuiltIn[],
): Promise<InstalledBuiltIn[]> {
  return Promise.all(
    builtIns.map(async (builtIn) => {
      const mark = await markOf(builtIn)
      const folder = join(home.runtime, 'buildpacks', `${shortName(builtIn)}-${mark}`)
      return { builtIn, folder: await install(builtIn, folder) }
    }),
  )
}

const shortName = ({ framework, folder }: BuiltIn): string => framework ?? basename(folder)

const install = (builtIn: BuiltIn, folder: string): Promise<string> =>
  makeFolder(folder, async (temporary) => {
    await cp(builtIn.folder, temporary, { recursive: true })
    for (const name of await readdir(join(temporary, 'bin'))) {
      await chmod(join(temporary, 'bin', name), 0o755)
    }
    if (builtIn.framework === null) await addShared(builtIn, temporary)
    await copyPackages(builtIn.packages, builtIn.folder, join(temporary, 'node_modules'))
  })

/** What our own buildpacks have in common; `#buildpack/` in their imports. */
const sharedOf = (builtIn: BuiltIn): string => join(builtIn.folder, '../shared')

async function addShared(builtIn: BuiltIn, folder: string): Promise<void> {
  await cp(sharedOf(builtIn), join(folder, 'shared'), { recursive: true })
  const settings = { type: 'module', imports: { '#buildpack/*': './shared/*.ts' } }
  await writeFile(join(folder, 'package.json'), JSON.stringify(settings))
}

async function markOf(builtIn: BuiltIn): Promise<string> {
  const own = await fingerprint(builtIn.folder)
  const shared = builtIn.framework === null ? await fingerprint(sharedOf(builtIn)) : ''
  return `${own.slice(0, 8)}${shared.slice(0, 8)}`
}

/** Changes whenever a file of the folder does. */
export async function fingerprint(folder: string): Promise<string> {
  const hash = createHash('sha256')
  const names = await readdir(folder, { recursive: true })
  for (const name of names.toSorted()) {
    if (name.split('/').includes('node_modules')) continue
    const { size, mtimeMs } = await stat(join(folder, name))
    hash.update(`${name} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex')
}
