import { Rejected } from '#buildpack/compile'
import type { TextOf } from './choose-manager.ts'

/** A Python that an app asks for: `3.12`, `3.12.1` or a range, and the file that asks. */
export type WantedVersion = Readonly<{ version: string; file: string }>

/**
 * The version that an app asks for, in Heroku's order: `runtime.txt`, `.python-version`,
 * `Pipfile.lock`; then `requires-python` of a lock file or project.
 *
 * @throws Rejected for a file that names no version, or several
 */
export function wantedVersion(textOf: TextOf): WantedVersion | undefined {
  const runtime = textOf('runtime.txt')
  if (runtime !== undefined) return exact(runtime, 'runtime.txt', /^python-(\d+\.\d+(?:\.\d+)?)$/)
  const file = textOf('.python-version')
  if (file !== undefined) return exact(file, '.python-version', /^(\d+\.\d+(?:\.\d+)?)$/)
  const pipfile = pipfileVersion(textOf('Pipfile.lock'))
  if (pipfile !== undefined) return { version: pipfile, file: 'Pipfile.lock' }
  return range(textOf('uv.lock'), 'uv.lock') ?? range(textOf('pyproject.toml'), 'pyproject.toml')
}

function exact(text: string, file: string, form: RegExp): WantedVersion {
  const example = file === 'runtime.txt' ? 'python-3.12' : '3.12'
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.replace(/^\s*#.*$/, '').trim())
    .filter((line) => line !== '')
  const write = `Write one line, for example: ${example}`
  const [line, ...more] = lines
  if (line === undefined) throw new Rejected(`${file} names no Python version. ${write}`)
  if (more.length > 0) throw new Rejected(`${file} names ${lines.length} versions. ${write}`)
  const version = form.exec(line)?.[1]
  if (version !== undefined) return { version, file }
  throw new Rejected(`"${printable(line)}" in ${file} is not a Python version. ${write}`)
}

/** What a terminal shows of a text that may hold anything. */
const printable = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 80)

function pipfileVersion(text: string | undefined): string | undefined {
  const requires = /"requires":\s*\{([^}]*)\}/.exec(text ?? '')?.[1] ?? ''
  return /"python_(?:full_)?version":\s*"(\d+\.\d+(?:\.\d+)?)"/.exec(requires)?.[1]
}

/** `requires-python`, or the `python` of Poetry, whose caret and tilde uv does not read. */
function range(text: string | undefined, file: string): WantedVersion | undefined {
  const found =
    /^requires-python\s*=\s*["']([^"']+)["']/m.exec(text ?? '')?.[1] ??
    /^\[tool\.poetry\.dependencies\][^[]*?^python\s*=\s*["']([^"']+)["']/m.exec(text ?? '')?.[1]
  if (found === undefined || found === '*') return undefined
  return { version: found.split(',').map(plainRange).join(','), file }
}

function plainRange(part: string): string {
  const [, sign, major, minor, patch] =
    /^\s*(\^|~(?!=))?\s*(\d+)(?:\.(\d+))?(?:\.(\d+))?\s*$/.exec(part) ?? []
  if (major === undefined) return part.trim()
  const version = [major, minor, patch].filter((one) => one !== undefined).join('.')
  if (sign === '^') return `>=${version},<${Number(major) + 1}`
  if (sign === '~') return `>=${version},<${major}.${Number(minor ?? 0) + 1}`
  return patch === undefined ? `==${version}.*` : `==${version}`
}
