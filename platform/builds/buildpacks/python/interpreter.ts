import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Rejected } from '#buildpack/compile'
import { warn } from '#buildpack/print'
import { ask } from '#buildpack/run'

export type Interpreter = Readonly<{ program: string; version: string }>

/**
 * The version that an app asks for: `.python-version` (`3.12`), or `runtime.txt`
 * (`python-3.12.1`).
 */
export function wantedVersion(textOf: (name: string) => string | undefined): string | undefined {
  const lines = (textOf('.python-version') ?? textOf('runtime.txt') ?? '').split(/\r?\n/)
  const line = lines.map((one) => one.trim()).find((one) => one !== '' && !one.startsWith('#'))
  if (line === undefined) return undefined
  const version = /^(?:python-)?(\d+(?:\.\d+){0,2})$/.exec(line)?.[1]
  if (version !== undefined) return version
  throw new Rejected(`"${line}" is no Python version. Write for example: 3.12`)
}

/** Of the interpreters on this machine the one that fits best, with a notice unless it is the one. */
export function findInterpreter(wanted: string | undefined, env: NodeJS.ProcessEnv): Interpreter {
  const found = interpreters(env)
  const best = nearest(found, wanted)
  if (best === undefined) {
    throw new Rejected(
      'There is no Python 3 on this machine. On Debian: apt-get install python3 python3-venv',
    )
  }
  if (wanted !== undefined && !best.version.startsWith(`${wanted}.`) && best.version !== wanted) {
    const names = found.map((one) => one.version).join(', ')
    warn(`Python ${wanted} is not installed here (there is ${names}): ${best.version} is used.`)
  }
  return best
}

/** Fits in more leading numbers first, then nearest, then newest; without a wish `python3`. */
export function nearest(
  found: readonly Interpreter[],
  wanted: string | undefined,
): Interpreter | undefined {
  if (wanted === undefined) return found[0]
  const goal = numbers(wanted)
  const distance = ({ version }: Interpreter): number[] =>
    numbers(version).map((part, i) => Math.abs(part - (goal[i] ?? part)))
  return found.toSorted(
    (a, b) => compare(distance(a), distance(b)) || compare(numbers(b.version), numbers(a.version)),
  )[0]
}

const numbers = (version: string): number[] => version.split('.').map(Number)

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((part, i) => part !== b[i])
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}

/** `python3` first, since it is what the machine means by Python. */
function interpreters(env: NodeJS.ProcessEnv): Interpreter[] {
  const folders = (env['PATH'] ?? '').split(':').filter((folder) => folder.startsWith('/'))
  const programs = folders.flatMap((folder) =>
    namesIn(folder)
      .filter((name) => /^python3(?:\.\d+)?$/.test(name))
      .toSorted()
      .map((name) => join(folder, name)),
  )
  const found = new Map<string, Interpreter>()
  for (const program of programs) {
    const version = ask([program, '-c', PRINT_VERSION], { cwd: '/', env })?.trim()
    if (version !== undefined && !found.has(version)) found.set(version, { program, version })
  }
  return [...found.values()]
}

const PRINT_VERSION = 'import platform; print(platform.python_version())'

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
