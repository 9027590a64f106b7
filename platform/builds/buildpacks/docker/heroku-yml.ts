import { Rejected } from '#buildpack/compile'
import { parse } from 'yaml'

/** What `heroku.yml` asks for, as far as buildpacks can do it. */
export type HerokuYml = Readonly<{
  dockerfile: string
  /** Process types with their commands. */
  run: Readonly<Record<string, string>>
  notices: readonly string[]
}>

/** @throws Rejected that names the part which has no counterpart */
export function parseHerokuYml(text: string): HerokuYml {
  const yml = record(read(text))
  const build = record(yml['build'])
  const unknown = Object.keys(build).filter((key) => !['docker', 'config'].includes(key))
  if (unknown.length > 0) throw cannot(`build.${unknown[0]}`)
  const images = Object.values(record(build['docker'])).map((one) =>
    typeof one === 'string' ? one : textOf(record(one)['dockerfile']),
  )
  const files = [...new Set(images.filter((one) => one !== ''))]
  if (files.length > 1) throw cannot(`build.docker with several files (${files.join(', ')})`)
  const release = yml['release'] === undefined ? {} : { release: command(yml['release']) }
  const run = Object.entries(record(yml['run'])).map(([type, one]) => [type, command(one)] as const)
  const setup = record(yml['setup'])
  const addons = Array.isArray(setup['addons']) ? setup['addons'].map((one) => record(one)) : []
  const config = Object.keys(record(setup['config']))
  return {
    dockerfile: files[0] ?? 'Dockerfile',
    run: { ...Object.fromEntries(run), ...release },
    notices: [
      ...addons.map((one) => `setup.addons: heroku addons:create ${textOf(one['plan'])}`),
      ...config.map((name) => `setup.config: heroku config:set ${name}=…`),
      ...Object.keys(record(build['config'])).map((name) => `build.config: ${name} is not used`),
    ],
  }
}

function read(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 }) as unknown
  } catch (error) {
    throw new Rejected(
      `heroku.yml is not valid YAML: ${error instanceof Error ? error.message : ''}`,
    )
  }
}

function command(value: unknown): string {
  if (typeof value === 'string') return value
  const inner = record(value)['command']
  if (Array.isArray(inner)) return inner.map((one) => textOf(one)).join(' && ')
  return textOf(inner)
}

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}

const cannot = (what: string): Rejected =>
  new Rejected(
    `heroku.yml asks for ${what}, which cannot be built here: no containers run on hokku. Build on the stack heroku-24 with buildpacks: heroku stack:set heroku-24`,
  )
