import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { TOKENS_PATH } from '@hokku/kit/pages'

export type Asset = Readonly<{ type: string; content: Buffer }>

export type Assets = Readonly<{
  /** Folder in the address: changes with the files, so browsers may keep them forever. */
  version: string
  find: (name: string) => Asset | undefined
}>

/** Style sheet and scripts of the pages: few and small, so they stay in memory. */
export function readAssets(folder: string): Assets {
  const paths = [TOKENS_PATH, ...readdirSync(folder).map((name) => join(folder, name))]
  const assets = new Map(
    paths.toSorted().flatMap((path) => {
      const type = TYPES[extname(path)]
      return type === undefined ? [] : [[basename(path), { type, content: readFileSync(path) }]]
    }),
  )
  const hash = createHash('sha256')
  for (const { content } of assets.values()) hash.update(content)
  return { version: hash.digest('hex').slice(0, 12), find: (name) => assets.get(name) }
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}
