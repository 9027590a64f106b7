import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { PackageJson } from './package-json.ts'
import { Rejected } from '#buildpack/compile'
import { say } from '#buildpack/print'
import { copyFolder, run } from '#buildpack/run'

/**
 * Puts yarn or pnpm into `.heroku/<name>`, in the version that `packageManager` or `engines` asks
 * for.
 *
 * @returns the version wanted, e.g. `1.22.22`
 */
export function installTool(
  name: 'yarn' | 'pnpm',
  json: PackageJson,
  { tree, cache, env }: Readonly<{ tree: string; cache: string; env: NodeJS.ProcessEnv }>,
): string {
  const pinned = new RegExp(`^${name}@([\\d.]+)`).exec(json.packageManager ?? '')?.[1]
  const range = pinned ?? json.engines[name] ?? (name === 'yarn' ? '1.x' : '10.x')
  // Yarn from version 2 on is published under another name.
  const modern = name === 'yarn' && !/^[\^~]?1(?:\.|$)/.test(range)
  const source = `${modern ? '@yarnpkg/cli-dist' : name}@${range}`
  const folder = join(cache, 'tools', source.replaceAll(/[^\w.-]/g, '_'))
  if (!existsSync(folder)) download(source, folder, { env })
  copyFolder(folder, join(tree, '.heroku', name))
  say(`Using ${name} ${range}`)
  return range.replace(/^[\^~]/, '')
}

function download(source: string, folder: string, { env }: { env: NodeJS.ProcessEnv }): void {
  say(`Installing ${source}...`)
  const temporary = `${folder}.tmp`
  rmSync(temporary, { recursive: true, force: true })
  mkdirSync(temporary, { recursive: true })
  const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--silent']
  if (!run(['npm', 'install', '--prefix', temporary, ...flags, source], { cwd: temporary, env })) {
    throw new Rejected(`${source} could not be installed.`)
  }
  symlinkSync('node_modules/.bin', join(temporary, 'bin'))
  renameSync(temporary, folder)
}
