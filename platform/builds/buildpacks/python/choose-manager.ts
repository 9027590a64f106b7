import { Rejected } from '#buildpack/compile'

/** Where the packages of an app are listed. */
export type Manager = 'pip' | 'uv' | 'poetry' | 'pipenv' | 'pyproject' | 'setup' | 'none'

/** Content of a file of the app; undefined if it is not there. */
export type TextOf = (name: string) => string | undefined

/** Files that list exact packages: of these an app may have one. */
const LISTS: Readonly<Record<string, Manager>> = {
  'Pipfile.lock': 'pipenv',
  'requirements.txt': 'pip',
  'poetry.lock': 'poetry',
  'uv.lock': 'uv',
}

/**
 * The package manager whose file is there, in Heroku's order; then projects without a lock file.
 *
 * @throws Rejected for files of several, of which only one can be right
 */
export function chooseManager(textOf: TextOf): Manager {
  const found = Object.entries(LISTS).filter(([name]) => textOf(name) !== undefined)
  if (found.length > 1) {
    const names = found.map(([name]) => name).join(', ')
    throw new Rejected(
      `Several lists of packages found: ${names}. Remove all but one: git rm --cached ${found[1]?.[0]}`,
    )
  }
  if (found[0] !== undefined) return found[0][1]
  if (textOf('Pipfile') !== undefined) {
    throw new Rejected(
      'There is a Pipfile without a Pipfile.lock. Make it and commit it: pipenv lock',
    )
  }
  const pyproject = textOf('pyproject.toml')
  if (pyproject !== undefined && /^\[project\]|^\[tool\.poetry\]/m.test(pyproject))
    return 'pyproject'
  return textOf('setup.py') === undefined ? 'none' : 'setup'
}

/** Whether a project has to be installed itself, and not only what it depends on. */
export const hasPrograms = (pyproject: string): boolean =>
  /^\[(?:project\.(?:gui-)?scripts|tool\.poetry\.scripts)\]/m.test(pyproject)
