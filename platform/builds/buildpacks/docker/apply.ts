import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Rejected } from '#buildpack/compile'
import type { RunStep } from './run-steps.ts'
import type { Copy, Translation } from './translate.ts'

/** Writes what the buildpack of the language reads. @param pack folder of this buildpack */
export function apply(translation: Translation, tree: string, pack: string): void {
  for (const one of translation.copies) copy(one, tree)
  const { language, version, steps } = translation
  if (language === 'python' && version !== null) {
    rmSync(join(tree, 'runtime.txt'), { force: true })
    writeFileSync(join(tree, '.python-version'), `${version}\n`)
  }
  if (language === 'node') setNode(version, steps, tree)
  const lines = of(steps, 'require').flatMap((one) => one.lines)
  const more = lines.filter((line) => !/^-r (?:\.\/)?requirements\.txt$/.test(line))
  append(join(tree, 'requirements.txt'), more)
  const lists = language === 'node' ? ['package.json'] : PYTHON_LISTS
  if (!lists.some((name) => existsSync(join(tree, name)))) {
    writeFileSync(join(tree, lists[0] ?? ''), language === 'node' ? '{}\n' : '')
  }
  append(
    join(tree, 'Aptfile'),
    of(steps, 'apt').flatMap((one) => one.packages),
  )
  writeHook(
    of(steps, 'run').map((one) => one.command),
    tree,
  )
  writeVariables(translation, tree, pack)
}

/** Files that list packages; an app without packages gets the first. */
const PYTHON_LISTS = [
  'requirements.txt',
  'uv.lock',
  'poetry.lock',
  'Pipfile.lock',
  'pyproject.toml',
  'setup.py',
]

const of = <Kind extends RunStep['do']>(
  steps: readonly RunStep[],
  kind: Kind,
): Extract<RunStep, { do: Kind }>[] =>
  steps.filter((step): step is Extract<RunStep, { do: Kind }> => step.do === kind)

/** As COPY does: the content of a folder, or a file under its name or a new one. */
function copy({ from, to, isFolder }: Copy, tree: string): void {
  const source = join(tree, from)
  const status = statSync(source, { throwIfNoEntry: false })
  if (status === undefined) {
    throw new Rejected(`The Dockerfile copies ${from}, which is not in the repository.`)
  }
  const target = join(tree, to, status.isFile() && isFolder ? basename(from) : '.')
  if (target === source) return
  mkdirSync(dirname(target), { recursive: true })
  cpSync(source, target, { recursive: true, verbatimSymlinks: true })
}

/** A last line without its end gets one. */
function append(file: string, lines: readonly string[]): void {
  if (lines.length === 0) return
  const before = existsSync(file) ? readFileSync(file, 'utf8').replace(/\n?$/, '\n') : ''
  writeFileSync(file, `${before}${lines.join('\n')}\n`)
}

/** The Python buildpack runs it when the packages are there. */
function writeHook(commands: readonly string[], tree: string): void {
  if (commands.length === 0) return
  const file = join(tree, 'bin/post_compile')
  mkdirSync(join(tree, 'bin'), { recursive: true })
  if (!existsSync(file)) writeFileSync(file, '#!/usr/bin/env bash\nset -e\n', { mode: 0o755 })
  appendFileSync(file, `${commands.join('\n')}\n`)
}

/** The image's version, and a script that the image runs and the buildpack would not. */
function setNode(version: string | null, steps: readonly RunStep[], tree: string): void {
  const file = join(tree, 'package.json')
  if (!existsSync(file)) return
  const json = JSON.parse(readFileSync(file, 'utf8')) as {
    engines?: Record<string, string>
    scripts?: Record<string, string>
  }
  const names = of(steps, 'script').map((one) => one.name)
  const missing = names.find((name) => json.scripts?.[name] === undefined)
  if (missing !== undefined) {
    throw new Rejected(
      `The Dockerfile runs the script ${missing}, which package.json does not have.`,
    )
  }
  if (of(steps, 'run').length > 0) {
    throw new Rejected(
      `The Dockerfile runs "${of(steps, 'run')[0]?.command}", which has no place in a build of Node.js. Make it a script heroku-postbuild of package.json.`,
    )
  }
  if (version !== null && json.engines?.['node'] === undefined) {
    json.engines = {
      ...json.engines,
      node: `${version}${/^\d+\.\d+\.\d+$/.test(version) ? '' : '.x'}`,
    }
  }
  const own = names.filter((name) => name !== 'build')
  if (own.length > 0 && json.scripts?.['heroku-postbuild'] === undefined) {
    const all = names.map((name) => `npm run ${name}`).join(' && ')
    json.scripts = { ...json.scripts, 'heroku-postbuild': all }
  }
  writeFileSync(file, `${JSON.stringify(json, null, 2)}\n`)
}

function writeVariables({ variables, steps }: Translation, tree: string, pack: string): void {
  const quoted = (text: string): string => text.replaceAll(/[\\"`]/g, String.raw`\$&`)
  const lines = Object.entries(variables).map(
    ([name, value]) => `export ${name}="\${${name}-${quoted(value)}}"\n`,
  )
  const forBuild = of(steps, 'export').map(({ name, value }) => `export ${name}=${value}\n`)
  mkdirSync(join(tree, '.profile.d'), { recursive: true })
  if (lines.length > 0) writeFileSync(join(tree, '.profile.d/docker.sh'), lines.join(''))
  writeFileSync(join(pack, 'export'), [...lines, ...forBuild].join(''))
}
