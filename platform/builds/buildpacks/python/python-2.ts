import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Rejected } from '#buildpack/compile'
import { say, step } from '#buildpack/print'
import { ask, run } from '#buildpack/run'
import { oldPins } from './old-pins.ts'
import type { Places } from '#buildpack/uv'
import type { WantedVersion } from './version.ts'

/** Why an app needs Python 2.7; undefined for one that does not. */
export function reasonForPython2(
  wanted: WantedVersion | undefined,
  requirements: string | undefined,
): string | undefined {
  if (wanted !== undefined) {
    return wanted.version.startsWith('2.') ? `${wanted.file} asks for ${wanted.version}` : undefined
  }
  const pins = oldPins(requirements ?? '').map((one) => one.pin)
  if (pins.length === 0) return undefined
  const more = pins.length > 3 ? ` and ${pins.length - 3} more` : ''
  return `requirements.txt pins versions that ran on Python 2 alone: ${pins.slice(0, 3).join(', ')}${more}`
}

/**
 * Installs an app of Python 2.7: the interpreter of this machine is copied into `.heroku/python`,
 * and its pip installs there.
 *
 * @throws Rejected, before pip starts, where there is no Python 2.7
 */
export function installWithPython2(reason: string, at: Places): void {
  const program = findPython2(at.env)
  if (program === undefined) throw new Rejected(noPython2(reason))
  step('Using Python 2.7')
  say(`${reason}.`)
  const target = join(at.tree, '.heroku/python')
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  const prefix = dirname(dirname(program))
  const python = join(target, 'bin/python2.7')
  const options = { cwd: at.tree, env: { ...at.env, LD_LIBRARY_PATH: join(target, 'lib') } }
  const ready =
    run(['bash', '-c', COPY, 'bash', prefix, target], options) &&
    ask([python, '-m', 'ensurepip', '--default-pip'], options) !== undefined
  if (!ready) throw new Rejected(`Python 2.7 could not be copied from ${basename(prefix)}.`)
  step('Installing requirements.txt with pip')
  const pip = [python, '-m', 'pip', 'install', '--progress-bar', 'off', '-r', 'requirements.txt']
  if (run(pip, options)) return
  throw new Rejected(
    'pip could not install requirements.txt with Python 2.7; its message is above.',
  )
}

/** The machine's owner may name one; version managers have one; a copy of `/usr` is not possible. */
function findPython2(env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env['HOKKU_PYTHONS'] ?? '').split(':').filter((one) => one !== '')
  const programs = [
    env['HOKKU_PYTHON27'] ?? '',
    ...folders.map((one) => join(one, 'bin/python2.7')),
  ]
  return programs.find((one) => one !== '' && !one.startsWith('/usr/bin/') && existsSync(one))
}

const noPython2 = (reason: string): string =>
  [
    `${reason}.`,
    'No Python 2.7 is known on this machine, and its packages do not install on Python 3.',
    'One of these helps:',
    '  * raise the versions in requirements.txt to ones for Python 3',
    '  * install it where hokku runs: pyenv install 2.7.18, or HOKKU_PYTHON27=/path/to/python2.7 hokku up',
    'The word cloud tutorial of 2013 comes with hokku for today: examples/wordcloud-tutorial',
  ].join('\n')

const COPY = `set -e -o pipefail
cd "$1"
tar -cf - --exclude=test --exclude=tests --exclude=site-packages --exclude='*.a' --exclude='*.pyc' \\
  bin/python2.7 lib include | tar -xf - -C "$2"
mkdir -p "$2/lib/python2.7/site-packages"
ln -sf python2.7 "$2/bin/python2"; ln -sf python2.7 "$2/bin/python"`
