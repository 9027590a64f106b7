import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { say } from '#buildpack/print'
import { copyFolder } from '#buildpack/run'

type Places = Readonly<{ tree: string; cache: string; env: NodeJS.ProcessEnv }>

/** When a kept folder goes back: an installation replaces `node_modules`. */
type Moment = 'before the installation' | 'before the build'

/** Where frameworks keep what they have compiled, to compile less the next time. */
const BUILD_CACHES = ['.next/cache', 'node_modules/.cache']

/** Puts folders back that the last build kept: `cacheDirectories`, and the caches of frameworks. */
export function restoreFolders(own: readonly string[], moment: Moment, at: Places): void {
  if (at.env['NODE_MODULES_CACHE'] === 'false') {
    rmSync(folderOf(at), { recursive: true, force: true })
    return
  }
  for (const path of pathsOf(own).filter((one) => momentOf(one) === moment)) {
    const from = join(folderOf(at), path)
    if (!existsSync(from)) continue
    mkdirSync(dirname(join(at.tree, path)), { recursive: true })
    copyFolder(from, join(at.tree, path))
    say(`Restored from the last build: ${path}`)
  }
}

/** Keeps them for the next build, before anything is pruned. */
export function keepFolders(own: readonly string[], at: Places): void {
  rmSync(folderOf(at), { recursive: true, force: true })
  for (const path of pathsOf(own).filter((one) => existsSync(join(at.tree, one)))) {
    mkdirSync(dirname(join(folderOf(at), path)), { recursive: true })
    copyFolder(join(at.tree, path), join(folderOf(at), path))
  }
}

const folderOf = ({ cache }: Places): string => join(cache, 'kept-folders')

const momentOf = (path: string): Moment =>
  path.startsWith('node_modules/') ? 'before the build' : 'before the installation'

/** `node_modules` itself is the package manager's affair; nothing outside the app is kept. */
const pathsOf = (own: readonly string[]): string[] =>
  [...new Set([...own.map((path) => normalize(path).replace(/\/$/, '')), ...BUILD_CACHES])].filter(
    (path) => !/^(?:\.{0,2}$|\.\.\/|\/|node_modules$)/.test(path),
  )
