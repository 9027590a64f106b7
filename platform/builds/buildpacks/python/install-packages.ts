import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Rejected } from '#buildpack/compile'
import { say, step } from '#buildpack/print'
import { run } from '#buildpack/run'
import { hasPrograms, type Manager } from './choose-manager.ts'
import type { Places } from '#buildpack/uv'

export type Installing = Places &
  Readonly<{
    uv: string
    /** The interpreter as dynos find it. */
    python: string
    version: string
  }>

/** Tools that run beside the app, each in the version that is tried here. */
const POETRY = 'poetry==2.5.1'
const POETRY_EXPORT = 'poetry-plugin-export==1.9.0'
const PIPENV = 'pipenv==2026.10.3'

/**
 * Puts a virtual environment with the app's packages into `.heroku/python`. It is made anew in
 * each build, from the app's cache of packages: so a second build makes what a first one would.
 *
 * @returns which list was installed, and by what
 */
export function installPackages(manager: Manager, at: Installing): string {
  const target = join(at.tree, '.heroku/python')
  rmSync(target, { recursive: true, force: true })
  const seed = manager === 'uv' || manager === 'poetry' ? [] : ['--seed']
  const made = run(
    [at.uv, 'venv', '--quiet', '--no-project', ...seed, '--python', at.python, target],
    {
      cwd: at.tree,
      env: { ...at.env, VIRTUAL_ENV: undefined, UV_COMPILE_BYTECODE: undefined },
    },
  )
  if (!made) throw new Rejected('The virtual environment could not be made; its message is above.')
  if (manager === 'none') {
    say('Nothing to install: there is no requirements.txt')
    return 'no list of packages'
  }
  const { title, commands, env } = planOf(manager, at)
  step(`Installing ${title}`)
  const options = { cwd: at.tree, env: { ...at.env, ...env, ...withoutBytecode(at.version) } }
  if (commands.every((command) => run(command, options))) return title
  throw new Rejected(`The packages of ${title} could not be installed; the message is above.`)
}

/** uv compiles with a module that Python has from 3.8 on. */
const withoutBytecode = (version: string): { UV_COMPILE_BYTECODE?: undefined } =>
  /^3\.[0-7](?:\.|$)/.test(version) ? { UV_COMPILE_BYTECODE: undefined } : {}

type Plan = Readonly<{
  title: string
  /** Run one after the other, until one fails. */
  commands: readonly (readonly string[])[]
  env?: Readonly<Record<string, string>>
}>

function planOf(manager: Exclude<Manager, 'none'>, at: Installing): Plan {
  const { uv, tree, cache, python } = at
  const pip = [uv, 'pip', 'install']
  const tool = ([source = '', ...more]: string[], ...words: string[]): string[] => [
    uv,
    'tool',
    'run',
    '--quiet',
    '--python',
    python,
    '--from',
    source,
    ...more.flatMap((one) => ['--with', one]),
    ...words,
  ]
  switch (manager) {
    case 'pip':
      return { title: 'requirements.txt with uv', commands: [[...pip, '-r', 'requirements.txt']] }
    case 'uv':
      return {
        title: 'uv.lock with uv',
        commands: [[uv, 'sync', '--locked', '--no-default-groups', '--python', python]],
      }
    case 'poetry':
      return poetryPlan(at, tool([POETRY, POETRY_EXPORT], 'poetry'))
    case 'pipenv':
      return {
        title: `Pipfile.lock with ${PIPENV}`,
        commands: [tool([PIPENV], 'pipenv', 'install', '--deploy')],
        env: {
          PIPENV_VERBOSITY: '-1',
          PIPENV_NOSPIN: '1',
          PIPENV_CACHE_DIR: join(cache, 'pipenv'),
        },
      }
    case 'pyproject':
      return hasPrograms(textOf(tree, 'pyproject.toml'))
        ? { title: 'the project of pyproject.toml with uv', commands: [[...pip, '.']] }
        : {
            title: 'the dependencies of pyproject.toml with uv',
            commands: [[...pip, '-r', 'pyproject.toml']],
          }
    case 'setup':
      return { title: 'the project of setup.py with uv', commands: [[...pip, '.']] }
  }
}

/** Poetry checks its lock file and lists what is in it; uv installs that, and then the project. */
function poetryPlan({ uv, tree, cache }: Installing, poetry: readonly string[]): Plan {
  const list = join(cache, 'poetry-requirements.txt')
  const isPackage = !/^package-mode\s*=\s*false/m.test(textOf(tree, 'pyproject.toml'))
  const words = ['--only', 'main', '--format', 'requirements.txt', '--output', list]
  return {
    title: `poetry.lock with ${POETRY}`,
    commands: [
      [...poetry, 'check', '--lock', '--no-interaction', '--no-ansi'],
      [...poetry, 'export', ...words, '--no-interaction', '--no-ansi'],
      [uv, 'pip', 'install', '-r', list],
      ...(isPackage ? [[uv, 'pip', 'install', '--no-deps', '--editable', '.']] : []),
    ],
    env: { POETRY_CACHE_DIR: join(cache, 'poetry'), POETRY_VIRTUALENVS_CREATE: 'false' },
  }
}

const textOf = (tree: string, name: string): string =>
  existsSync(join(tree, name)) ? readFileSync(join(tree, name), 'utf8') : ''
