import { hokkuHome } from '@hokku/kit/home'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Study } from '../configuration/config.ts'
import { problem } from '../problems.ts'
import { packagesFor, PINNED } from './python-packages.ts'
import { readPythonSources } from './python-sources.ts'

/**
 * The Python that can run a study's `custom.py`: one that has its packages, else, outside of cloud
 * hosts, one that is made once for the packages of this study.
 *
 * @throws Problem `python_missing` with what to do
 */
export function findPython(study: Study, print: (text: string) => void): string {
  const named = study.env['PSITURK_PYTHON']
  if (named !== undefined && named !== '') {
    if (lacks(named) === undefined) return named
    throw problem('python_missing', `PSITURK_PYTHON is ${named}, which ${lacks(named)}.`, {
      hint: `Install the packages there: ${named} -m pip install ${packagesOf(study).lines.join(' ')}`,
    })
  }
  const own = [
    join(study.directory, '.heroku/python/bin/python'),
    join(study.directory, '.venv/bin/python'),
    ...(study.env['VIRTUAL_ENV'] ? [join(study.env['VIRTUAL_ENV'], 'bin/python')] : []),
  ].filter((path) => existsSync(path))
  // One that the build or the researcher made for the study; the machine's own only if nothing more is needed.
  const isPlain = packagesOf(study).lines.every((line) => PINNED.includes(line))
  const found = [...own, ...(isPlain ? ['python3'] : [])].find(
    (program) => lacks(program) === undefined,
  )
  if (found !== undefined) return found
  if (study.isOnCloud || study.env['DYNO'] !== undefined) {
    throw problem('python_missing', `Python here ${lacks(own[0] ?? 'python3')}.`, {
      hint: 'Push the study again, so that the build installs Python and its packages.',
    })
  }
  return makeEnvironment(study, print)
}

/** @returns why a program cannot run custom.py; undefined if it can */
function lacks(program: string): string | undefined {
  const { status, error, stdout } = spawnSync(program, ['-c', CHECK], {
    encoding: 'utf8',
    timeout: CHECK_MS,
    cwd: '/',
  })
  if (error !== undefined) return 'cannot be started'
  return status === 0 ? undefined : `has no package ${stdout.trim() || 'that custom.py needs'}`
}

const CHECK = `import sys
for name in ("flask", "sqlalchemy", "psycopg2"):
    try: __import__(name)
    except ImportError: sys.exit(print(name) or 1)
sys.exit(sys.version_info < (3, 7))`

/** A machine under load starts Python in seconds. */
const CHECK_MS = 120_000

function packagesOf(study: Study): ReturnType<typeof packagesFor> {
  const path = join(study.directory, 'requirements.txt')
  const requirements = existsSync(path) ? readFileSync(path, 'utf8') : ''
  return packagesFor(requirements, readPythonSources(study.directory))
}

/** One folder for each list of packages and Python: studies share it, and it is complete or absent. */
function makeEnvironment(study: Study, print: (text: string) => void): string {
  const version = spawnSync('python3', ['-c', 'import sys; print(sys.version)'], {
    encoding: 'utf8',
    cwd: '/',
  })
  if (version.error !== undefined || version.status !== 0) {
    throw problem('python_missing', 'There is no Python 3 on this machine.', {
      hint: 'On Debian: apt-get install python3 python3-venv. Or name one: PSITURK_PYTHON=/path/to/python',
    })
  }
  const { lines, notices } = packagesOf(study)
  const mark = createHash('sha256')
    .update([version.stdout, ...lines].join('\n'))
    .digest('hex')
    .slice(0, 16)
  const parent = join(hokkuHome(study.env), 'python')
  const folder = join(parent, mark)
  const python = join(folder, 'bin/python')
  if (existsSync(join(folder, 'complete'))) return python
  for (const notice of notices) print(notice)
  print(`Installing ${lines.length} Python packages for custom.py into ${folder} ...`)
  mkdirSync(parent, { recursive: true })
  // Python finds its packages from where it lies, so a finished folder can be moved into place.
  const temporary = mkdtempSync(join(parent, 'new-'))
  try {
    const list = join(temporary, 'complete')
    step(study, ['python3', '-m', 'venv', temporary])
    writeFileSync(list, lines.join('\n'))
    const pip = [join(temporary, 'bin/python'), '-m', 'pip', 'install', '--quiet']
    step(study, [...pip, '--disable-pip-version-check', '--requirement', list])
    if (!existsSync(folder)) renameSync(temporary, folder)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
  return python
}

function step(study: Study, [program = '', ...args]: readonly string[]): void {
  const { status, stderr, stdout, error } = spawnSync(program, args, {
    encoding: 'utf8',
    cwd: '/',
    env: study.env,
  })
  if (status === 0) return
  const said = `${stdout ?? ''}${stderr ?? ''}`.trim().slice(-SAID_MAX)
  throw problem(
    'python_missing',
    `Python could not be set up for custom.py: ${error?.message ?? said}`,
    {
      hint: 'On Debian: apt-get install python3-venv. Or name a Python that has the packages: PSITURK_PYTHON=/path/to/python',
    },
  )
}

const SAID_MAX = 2000
