import type { IniFile } from './ini.ts'
import { interpolate } from './interpolation.ts'
import { CLOUD_DEFAULTS, MOVED, SECTIONS, SYNONYMS, type Option } from './options.ts'

/** The text of an option after all sources were laid over each other, and where it came from. */
export type Resolved = Readonly<{ text: string; source: string }>
export type ResolvedSections = ReadonlyMap<string, ReadonlyMap<string, Resolved>>

export type Sources = Readonly<{
  env: Readonly<Record<string, string | undefined>>
  /** `.psiturkconfig` of the user. */
  userFile?: IniFile | undefined
  /** `config.txt` of the study. */
  projectFile?: IniFile | undefined
}>

/**
 * Lays defaults, cloud defaults, the user's file, the study's file and the environment over each
 * other, the later ones winning; then reads places where version 2 kept options.
 *
 * @returns texts by section and option, and one warning for each thing the researcher should know
 */
export function resolve(sources: Sources): { sections: ResolvedSections; warnings: string[] } {
  const layers: Layer = new Map()
  layDefaults(layers)
  if (isOnCloud(sources.env)) layCloudDefaults(layers)
  if (sources.userFile !== undefined) layFile(layers, sources.userFile, '.psiturkconfig')
  if (sources.projectFile !== undefined) layFile(layers, sources.projectFile, 'config.txt')
  const warnings = readMovedOptions(layers)
  interpolateAll(layers)
  foldSynonyms(layers, sources.env)
  layEnvironment(layers, sources.env)
  return { sections: layers, warnings: [...warnings, ...warnOfSections(layers)] }
}

/** Whether the process runs on a host whose disk is not kept; only existence counts. */
export const isOnCloud = (env: Sources['env']): boolean =>
  ['ON_CLOUD', 'ON_HEROKU', 'DYNO'].some((name) => env[name] !== undefined)

type Layer = Map<string, Map<string, Resolved>>

function put(layers: Layer, section: string, name: string, value: Resolved): void {
  const options = layers.get(section) ?? new Map<string, Resolved>()
  options.set(name, value)
  layers.set(section, options)
}

function layDefaults(layers: Layer): void {
  for (const { title, options } of Object.values(SECTIONS)) {
    for (const [name, option] of Object.entries<Option<unknown>>(options)) {
      if (option.default === undefined) continue
      put(layers, title, name, { text: option.default, source: 'default' })
    }
  }
}

function layCloudDefaults(layers: Layer): void {
  for (const [name, value] of Object.entries(CLOUD_DEFAULTS)) {
    put(layers, SECTIONS.server.title, name, { text: value, source: 'cloud default' })
  }
}

function layFile(layers: Layer, file: IniFile, name: string): void {
  for (const [section, options] of file) {
    for (const [option, { text, line }] of options) {
      put(layers, section, option, { text, source: `${name}, line ${line}` })
    }
  }
}

/** Takes options of version 2 from their old place where the new one was not set. */
function readMovedOptions(layers: Layer): string[] {
  const moved: string[] = []
  for (const [oldSection, oldName, section, name] of MOVED) {
    const old = layers.get(oldSection)?.get(oldName)
    if (old === undefined || isSet(layers.get(section)?.get(name))) continue
    if (name === 'ad_url' && old.text === 'false') continue
    put(layers, section, name, old)
    moved.push(`${oldName} (${old.source}, now [${section}]${name === oldName ? '' : ` ${name}`})`)
  }
  const sandbox = layers.get('Shell Parameters')?.get('launch_in_sandbox_mode')
  if (sandbox !== undefined && !isSet(layers.get('Shell Parameters')?.get('launch_in_mode'))) {
    const mode = /^(1|yes|true|on)$/i.test(sandbox.text) ? 'sandbox' : 'live'
    put(layers, 'Shell Parameters', 'launch_in_mode', { ...sandbox, text: mode })
    moved.push(`launch_in_sandbox_mode (${sandbox.source}, now launch_in_mode)`)
  }
  if (moved.length === 0) return []
  return [`Options stand where version 2 had them, and are used: ${moved.join('; ')}.`]
}

const isSet = (value: Resolved | undefined): boolean =>
  value !== undefined && !value.source.endsWith('default')

function interpolateAll(layers: Layer): void {
  const shared = layers.get('DEFAULT')
  for (const [section, options] of layers) {
    const raw = new Map(options)
    const lookup = (name: string): string | undefined => (raw.get(name) ?? shared?.get(name))?.text
    for (const [name, value] of raw) {
      if (isLiteral(section, name)) continue
      options.set(name, { ...value, text: interpolate(value.text, lookup) })
    }
  }
}

function isLiteral(section: string, name: string): boolean {
  const known = Object.values(SECTIONS).find(({ title }) => title === section)?.options
  return (known as Record<string, Option<unknown>> | undefined)?.[name]?.isLiteral ?? false
}

function foldSynonyms(layers: Layer, env: Sources['env']): void {
  for (const [section, left, targets] of SYNONYMS) {
    const named = env[`PSITURK_${left.toUpperCase()}`]
    const value = layers.get(section)?.get(left)
    const folded = named ? { text: named, source: `PSITURK_${left.toUpperCase()}` } : value
    if (folded === undefined || folded.text === '') continue
    for (const right of targets) put(layers, section, right, folded)
  }
}

/** Values from the environment are literal: a `%` in a password is a `%`. Empty ones do not count. */
function layEnvironment(layers: Layer, env: Sources['env']): void {
  for (const [section, options] of layers) {
    for (const name of new Set([...options.keys(), ...withoutDefault(section)])) {
      const names = [
        `PSITURK_${name.toUpperCase()}`,
        ...(BARE.includes(name) ? [name.toUpperCase()] : []),
      ]
      const variable = names.find((candidate) => env[candidate])
      if (variable === undefined) continue
      put(layers, section, name, { text: env[variable] ?? '', source: variable })
    }
  }
}

/** `ad_url` alone: it has no default, but the environment can set it all the same. */
const withoutDefault = (section: string): string[] =>
  section === SECTIONS.hit.title ? ['ad_url'] : []

/** Options whose plain name in the environment counts too; hosts set these. */
export const BARE: readonly string[] = [
  'port',
  'database_url',
  'aws_access_key_id',
  'aws_secret_access_key',
]

function warnOfSections(layers: Layer): string[] {
  const titles: readonly string[] = Object.values(SECTIONS).map(({ title }) => title)
  return [...layers].flatMap(([section, options]) => {
    const meant = titles.find((title) => title.toLowerCase() === section.toLowerCase())
    const source = [...options.values()][0]?.source ?? 'config.txt'
    return meant === undefined || meant === section
      ? []
      : [`${source}: [${section}] is not read; capital letters count: [${meant}].`]
  })
}
