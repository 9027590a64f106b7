import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compile, Rejected } from '#buildpack/compile'
import { note, say, step, warn } from '#buildpack/print'
import { parseHerokuYml } from './heroku-yml.ts'
import { parseDockerfile } from './instructions.ts'
import { translate, type Translation } from './translate.ts'
import { apply } from './apply.ts'

/** Files by which other buildpacks take an app. */
const LANGUAGE_FILES = [
  'requirements.txt',
  'pyproject.toml',
  'uv.lock',
  'poetry.lock',
  'Pipfile',
  'setup.py',
  'package.json',
  'pom.xml',
  'build.gradle',
  'go.mod',
  'Cargo.toml',
]

/**
 * `bin/compile` for a Dockerfile of the common shape: writes the files that the buildpack of its
 * language reads, which runs next.
 */
compile(process.argv.slice(2), ({ tree }) => {
  try {
    takeOver(tree)
  } catch (error) {
    const isChosen = process.env['STACK'] === 'container'
    if (isChosen || !(error instanceof Rejected) || !hasLanguage(tree)) throw error
    // As on Heroku, where a Dockerfile counts on the stack container alone.
    warn(`${error.message.split('\n')[0]}\nThe Dockerfile is not used: a buildpack builds the app.`)
    // The platform has seen an apt-get install, and runs the buildpack for it.
    if (!existsSync(join(tree, 'Aptfile'))) writeFileSync(join(tree, 'Aptfile'), '')
  }
})

function takeOver(tree: string): void {
  const read = (name: string): string | undefined =>
    existsSync(join(tree, name)) ? readFileSync(join(tree, name), 'utf8') : undefined
  const text = read('heroku.yml')
  const yml = text === undefined ? undefined : parseHerokuYml(text)
  const file = yml?.dockerfile ?? 'Dockerfile'
  const dockerfile = read(file)
  if (dockerfile === undefined) throw new Rejected(`heroku.yml names ${file}, which is not there.`)
  const translation = translate(parseDockerfile(dockerfile))
  if (translation === undefined) throw new Rejected(`${file} has no FROM.`)
  step(`Taking over ${file}`)
  for (const line of translation.lines) say(line)
  for (const notice of yml?.notices ?? []) warn(`heroku.yml, ${notice}`)
  apply(translation, tree, import.meta.dirname)
  writeProcfile(translation, yml?.run ?? {}, tree)
  note(import.meta.dirname, file)
}

/** Whether another buildpack takes the app as it is. */
function hasLanguage(tree: string): boolean {
  return LANGUAGE_FILES.some((name) => existsSync(join(tree, name)))
}

function writeProcfile(
  { command }: Translation,
  run: Readonly<Record<string, string>>,
  tree: string,
): void {
  const file = join(tree, 'Procfile')
  const types = command === null ? run : { web: command, ...run }
  if (Object.keys(types).length === 0) return
  if (existsSync(file)) return say('The Procfile says what runs')
  const lines = Object.entries(types).map(([type, one]) => `${type}: ${one}`)
  writeFileSync(file, `${lines.join('\n')}\n`)
  step('There is no Procfile')
  for (const line of lines) say(line)
}
