import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import semver from 'semver'
import type { ManagerChoice } from './choose-manager.ts'
import { Rejected } from '#buildpack/compile'
import { say } from '#buildpack/print'
import { copyFolder, run } from '#buildpack/run'

type Places = Readonly<{ tree: string; cache: string; env: NodeJS.ProcessEnv }>

/** Puts yarn, pnpm or bun into `.heroku/<name>`, in the version that the app asks for. */
export function installTool(choice: ManagerChoice, { tree, cache, env }: Places): void {
  const { name, range, isBerry } = choice
  if (semver.validRange(range) === null) {
    throw new Rejected(
      `engines.${name} of package.json is not a version range. Write for example: ${name === 'yarn' ? '1.x' : '10.x'}`,
    )
  }
  // Yarn from version 2 on is published under another name.
  const source = `${isBerry ? '@yarnpkg/cli-dist' : name}@${range}`
  const folder = join(cache, 'tools', source.replaceAll(/[^\w.-]/g, '_'))
  if (!existsSync(folder)) download(source, folder, env)
  copyFolder(folder, join(tree, '.heroku', name))
  say(`Using ${name} ${range}`)
}

function download(source: string, folder: string, env: NodeJS.ProcessEnv): void {
  say(`Installing ${source}...`)
  const temporary = `${folder}.tmp`
  rmSync(temporary, { recursive: true, force: true })
  mkdirSync(temporary, { recursive: true })
  const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--silent']
  const options = { cwd: temporary, env }
  if (!run(['npm', 'install', '--prefix', temporary, ...flags, source], options)) {
    throw new Rejected(`${source} could not be installed.`)
  }
  // Bun's own script chooses the binary that this processor can run.
  const chooser = join(temporary, 'node_modules/bun/install.js')
  if (existsSync(chooser)) run(['node', chooser], { cwd: join(chooser, '..'), env })
  symlinkSync('node_modules/.bin', join(temporary, 'bin'))
  renameSync(temporary, folder)
}
