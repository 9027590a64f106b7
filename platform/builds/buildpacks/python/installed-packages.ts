import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The names of the packages in `.heroku/python`, in lower case, with `-` between words. */
export function installedPackages(tree: string): ReadonlySet<string> {
  const lib = join(tree, '.heroku/python/lib')
  const folders = existsSync(lib)
    ? readdirSync(lib).map((name) => join(lib, name, 'site-packages'))
    : []
  const entries = folders.flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []))
  return new Set(
    entries.flatMap((entry) => {
      const name = /^(.+?)-[^-]+(?:-py[\d.]+)?\.(?:dist|egg)-info$/.exec(entry)?.[1]
      return name === undefined ? [] : [name.toLowerCase().replaceAll(/[._-]+/g, '-')]
    }),
  )
}
