import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { defaultWeb, type DefaultWeb } from './default-web.ts'
import { installedPackages } from './installed-packages.ts'

/** The web process that an app without a Procfile gets, from what its files and packages show. */
export function webOfApp(tree: string): DefaultWeb | undefined {
  if (existsSync(join(tree, 'Procfile'))) return undefined
  const names = ['.', 'app', 'src'].flatMap((folder) => sourcesIn(tree, folder))
  const files = names.map((name) => ({ name, text: readFileSync(join(tree, name), 'utf8') }))
  return defaultWeb(installedPackages(tree), files)
}

function sourcesIn(tree: string, folder: string): string[] {
  if (!existsSync(join(tree, folder)) || !statSync(join(tree, folder)).isDirectory()) return []
  return readdirSync(join(tree, folder))
    .filter((name) => /\.(?:py|ipynb)$/.test(name))
    .map((name) => join(folder, name))
    .filter((name) => isSource(join(tree, name)))
    .slice(0, FILES_MAX)
}

const isSource = (file: string): boolean => {
  const status = statSync(file, { throwIfNoEntry: false })
  return status?.isFile() === true && status.size <= FILE_BYTES_MAX
}

/** The file that starts an app is among the first, and small. */
const FILES_MAX = 100
const FILE_BYTES_MAX = 1024 * 1024
