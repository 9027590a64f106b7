import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Rejected } from '#buildpack/compile'
import { say, warn } from '#buildpack/print'
import { ask, run } from '#buildpack/run'
import type { Places } from '#buildpack/uv'
import type { WantedVersion } from './version.ts'

export type Interpreter = Readonly<{ program: string; version: string }>

type Search = Places & Readonly<{ uv: string }>

/**
 * The interpreter that an app asks for: one of this machine, else one that uv downloads. Without a
 * wish it is `python3` of the machine.
 *
 * @throws Rejected with the ways out when there is none of that minor version
 */
export function findInterpreter(wanted: WantedVersion | undefined, at: Search): Interpreter {
  const version = wanted?.version
  const exact = onMachine(version, at)
  if (exact !== undefined) return exact
  if (wanted === undefined || version === undefined) {
    throw new Rejected('There is no Python 3 on this machine. On Debian: apt-get install python3')
  }
  const minor = /^(\d+\.\d+)\.\d+$/.exec(version)?.[1]
  const downloaded = download(version, at)
  if (downloaded !== undefined) return downloaded
  const close = minor === undefined ? undefined : onMachine(minor, at)
  if (close === undefined) throw new Rejected(waysOut(wanted, at))
  warn(`Python ${version} (${wanted.file}) is not here: ${close.version} is used.`)
  return close
}

function onMachine(version: string | undefined, at: Search): Interpreter | undefined {
  const request = version === undefined ? ['>=3'] : [version]
  const env = { ...searchEnvironment(at), UV_PYTHON_PREFERENCE: 'only-system' }
  return described(ask([at.uv, ...FIND, ...request], { cwd: '/', env, quiet: true }), at)
}

const FIND = ['python', 'find', '--no-project', '--system']

/** `python3` of the machine comes first, then what version managers have, newest first. */
function searchEnvironment({ env, cache }: Search): NodeJS.ProcessEnv {
  const own = (env['PATH'] ?? '').split(':').filter((folder) => !folder.endsWith('/shims'))
  const path = [...own, ...managed(env).map((folder) => join(folder, 'bin'))].join(':')
  return {
    ...env,
    PATH: path,
    VIRTUAL_ENV: undefined,
    UV_PYTHON_INSTALL_DIR: join(cache, 'pythons'),
  }
}

/** Folders of version managers, which the platform shows to builds only. */
const managed = (env: NodeJS.ProcessEnv): string[] =>
  (env['HOKKU_PYTHONS'] ?? '').split(':').filter((one) => one !== '')

function described(found: string | undefined, at: Search): Interpreter | undefined {
  const program = found?.trim()
  if (program === undefined || program === '') return undefined
  const version = ask([program, '-c', PRINT_VERSION], { cwd: '/', env: at.env })?.trim()
  return version === undefined ? undefined : { program, version }
}

const PRINT_VERSION = 'import platform; print(platform.python_version())'

/** uv's own builds: from a mirror where one is set, else from where uv publishes them. */
function download(version: string, at: Search): Interpreter | undefined {
  const env = { UV_HTTP_TIMEOUT: '20', UV_HTTP_RETRIES: '1', ...searchEnvironment(at) }
  const options = { cwd: '/', env, quiet: true }
  if (ask([at.uv, 'python', 'install', '--no-bin', version], options) === undefined)
    return undefined
  const managedOnly = { ...env, UV_PYTHON_PREFERENCE: 'only-managed' }
  const found = ask([at.uv, ...FIND, version], { cwd: '/', env: managedOnly, quiet: true })
  return described(found, at)
}

function waysOut({ version, file }: WantedVersion, at: Search): string {
  const list = ask([at.uv, 'python', 'list', '--only-installed'], {
    cwd: '/',
    env: searchEnvironment(at),
    quiet: true,
  })
  const found = new Set(list?.match(/(?<=^cpython-)\d+\.\d+\.\d+/gm))
  const here = found.size === 0 ? 'none' : [...found].join(', ')
  return [
    `Python ${version} (${file}) is not on this machine (there is ${here}), and could not be downloaded.`,
    'One of these helps:',
    `  * ask for another version: echo ${[...found][0]?.replace(/\.\d+$/, '') ?? '3.12'} > .python-version`,
    `  * install it where hokku runs, for example: pyenv install ${version.replaceAll(/[^\d.].*$|^[^\d]+/g, '')}`,
    '  * name a mirror of Python builds: UV_PYTHON_INSTALL_MIRROR=https://… hokku up',
  ].join('\n')
}

/**
 * Where dynos find the interpreter too: `/usr` is everywhere; any other is copied into the app,
 * without its tests and the packages of its machine.
 */
export function placeInterpreter({ program, version }: Interpreter, at: Search): string {
  const target = join(at.tree, '.heroku/cpython')
  rmSync(target, { recursive: true, force: true })
  if (program.startsWith('/usr/')) return program
  const short = version.split('.').slice(0, 2).join('.')
  const prefix = ask([program, '-c', 'import sys; print(sys.prefix)'], { cwd: '/', env: at.env })
  const from = prefix?.trim() ?? dirname(dirname(program))
  mkdirSync(target, { recursive: true })
  const parts = [`bin/python${short}`, `lib/python${short}`, 'include'].filter((part) =>
    existsSync(join(from, part)),
  )
  const copied = run(['bash', '-c', COPY, 'bash', from, target, ...parts], {
    cwd: '/',
    env: at.env,
  })
  if (!copied) throw new Rejected(`Python ${version} could not be copied from ${from}.`)
  say(`Copied from ${basename(from)} of this machine`)
  return join(target, `bin/python${short}`)
}

const COPY = `set -e -o pipefail
from=$1 to=$2; shift 2
shopt -s nullglob
cd "$from"
tar -cf - --exclude=test --exclude=tests --exclude=site-packages --exclude=idlelib --exclude='config-*' \\
  --exclude='*.a' --exclude=__pycache__ "$@" lib/libpython*.so* | tar -xf - -C "$to"
for lib in "$to"/lib/python3*; do mkdir -p "$lib/site-packages"; done`
