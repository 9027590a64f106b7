import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Interpreter } from './interpreter.ts'
import { Rejected } from '#buildpack/compile'
import { say, step } from '#buildpack/print'
import { relocate } from './relocate.ts'
import { readRequirements } from './requirements.ts'
import { copyFolder, run } from '#buildpack/run'

export type Installing = Readonly<{
  tree: string
  cache: string
  env: NodeJS.ProcessEnv
  interpreter: Interpreter
}>

/** Puts a virtual environment with the app's requirements into `.heroku/python`. */
export function installRequirements(at: Installing): void {
  const target = join(at.tree, '.heroku/python')
  mkdirSync(join(at.tree, '.heroku'), { recursive: true })
  const requirements = readRequirements('requirements.txt', (name) => textOf(join(at.tree, name)))
  const key = keyOf(requirements.files, at)
  step('Installing requirements with pip')
  if (!requirements.includesSource && restore('installed', key, target, at)) {
    say('Unchanged since the last build')
    return
  }
  makeVirtualEnvironment(target, at)
  const pip = [
    join(target, 'bin/python'),
    '-m',
    'pip',
    'install',
    '--no-input',
    '--progress-bar',
    'off',
  ]
  const installed = run([...pip, '-r', 'requirements.txt'], { cwd: at.tree, env: at.env })
  if (!installed) {
    throw new Rejected('pip could not install requirements.txt; its message is above.')
  }
  keep('installed', key, target, at)
}

/** An environment that holds nothing but pip takes seconds to make, so one is kept. */
function makeVirtualEnvironment(target: string, at: Installing): void {
  rmSync(target, { recursive: true, force: true })
  const key = createHash('sha256').update(JSON.stringify(at.interpreter)).digest('hex')
  if (restore('empty', key, target, at)) return
  if (!run([at.interpreter.program, '-m', 'venv', target], { cwd: at.tree, env: at.env })) {
    throw new Rejected(
      'The virtual environment could not be made. On Debian: apt-get install python3-venv',
    )
  }
  keep('empty', key, target, at)
}

function keyOf(files: readonly Readonly<{ name: string; text: string }>[], at: Installing): string {
  const settings = Object.entries(at.env).filter(([name]) => /^pip_/i.test(name))
  return createHash('sha256')
    .update(JSON.stringify([at.interpreter, files, settings]))
    .digest('hex')
}

function restore(which: string, key: string, target: string, { cache }: Installing): boolean {
  const folder = join(cache, 'python', which)
  if (textOf(join(folder, 'key')) !== key) return false
  copyFolder(join(folder, 'environment'), target)
  relocate(target, textOf(join(folder, 'path')) ?? target)
  return true
}

function keep(which: string, key: string, target: string, { cache }: Installing): void {
  const folder = join(cache, 'python', which)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  copyFolder(target, join(folder, 'environment'))
  writeFileSync(join(folder, 'path'), target)
  writeFileSync(join(folder, 'key'), key)
}

const textOf = (file: string): string | undefined =>
  existsSync(file) ? readFileSync(file, 'utf8') : undefined
