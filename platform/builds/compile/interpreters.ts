import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Mount } from '../../sandbox/index.ts'

/** Where version managers keep their Pythons: a variable that names the folder, and its usual place. */
const MANAGERS: readonly Readonly<{ variable: string; usual: string; below: string }>[] = [
  { variable: 'PYENV_ROOT', usual: '.pyenv', below: 'versions' },
  { variable: 'UV_PYTHON_INSTALL_DIR', usual: '.local/share/uv/python', below: '.' },
  { variable: 'ASDF_DATA_DIR', usual: '.asdf', below: 'installs/python' },
  { variable: 'MISE_DATA_DIR', usual: '.local/share/mise', below: 'installs/python' },
]

/**
 * The Pythons that version managers of this machine have, newest first, and the one that
 * `HOKKU_PYTHON27` names: folders with `bin/` and `lib/`. Builds see these, and nothing beside them.
 */
export function managedPythons(env: Readonly<Record<string, string | undefined>>): string[] {
  const home = env['HOME'] ?? '/nonexistent'
  const managed = MANAGERS.flatMap(({ variable, usual, below }) =>
    versionsIn(join(env[variable] ?? join(home, usual), below)),
  )
  const python2 = env['HOKKU_PYTHON27']
  const named = python2?.startsWith('/') === true ? [dirname(dirname(python2))] : []
  return [...new Set([...managed, ...named.filter((one) => one !== '/' && one !== '/usr')])]
}

/** The Rusts that rustup has installed on this machine: folders with `bin/cargo`. */
export function managedRusts(env: Readonly<Record<string, string | undefined>>): string[] {
  const home = env['RUSTUP_HOME'] ?? join(env['HOME'] ?? '/nonexistent', '.rustup')
  const folder = join(home, 'toolchains')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .toSorted((a, b) => Number(b.startsWith('stable')) - Number(a.startsWith('stable')))
    .map((name) => join(folder, name))
    .filter((path) => /^[^:]+$/.test(path) && existsSync(join(path, 'bin/cargo')))
}

const byVersion = new Intl.Collator('en', { numeric: true })

function versionsIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .toSorted((a, b) => byVersion.compare(b, a))
      .map((name) => join(folder, name))
      .filter((prefix) => NAME.test(prefix) && existsSync(join(prefix, 'bin/python')))
  } catch {
    return []
  }
}

/** CPython only; a colon would end a path in a list of them. */
const NAME = /\/(?:cpython-)?\d[^/:]*$/

export const mountsOf = (folders: readonly string[]): Mount[] =>
  folders.map((path) => ({ from: path, to: path, mode: 'ro' }))
