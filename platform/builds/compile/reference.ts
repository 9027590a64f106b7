import { problem } from '../../store/index.ts'
import type { BuiltIn } from './catalogue.ts'
import { registryAddress } from './registry.ts'

/** What a user's word for a buildpack means. */
export type BuildpackReference =
  | Readonly<{ kind: 'built-in'; builtIn: BuiltIn }>
  | Readonly<{ kind: 'git'; url: string; ref: string | null }>
  | Readonly<{ kind: 'tarball'; url: string }>

/**
 * Finds out what a name, an URN, a git URL (`…#ref`) or the URL of a tarball stands for. Names and
 * URLs that Heroku's users type mean our own buildpack where we have one.
 *
 * @throws Problem `invalid_params` for an unknown name and for unsafe URLs
 */
export function parseReference(text: string, known: readonly BuiltIn[]): BuildpackReference {
  const name = canonicalName(text)
  const builtIn = known.find((one) =>
    [one.name, ...one.aliases].some((alias) => canonicalName(alias) === name),
  )
  if (builtIn !== undefined) return { kind: 'built-in', builtIn }
  const registered = registryAddress(name)
  if (registered !== undefined) return { kind: 'git', url: registered, ref: null }
  if (!/^https?:\/\//i.test(text)) throw unknownBuildpack(text, known)
  const [url = '', ref = ''] = text.split('#')
  if (!URL.canParse(url)) throw unknownBuildpack(text, known)
  if (/\.(?:tgz|tar\.gz|tar)$/i.test(new URL(url).pathname)) return { kind: 'tarball', url }
  if (ref !== '' && !/^[\w./-]+$/.test(ref)) throw unknownBuildpack(text, known)
  if (ref.startsWith('-')) throw unknownBuildpack(text, known)
  return { kind: 'git', url, ref: ref === '' ? null : ref }
}

/** What the CLI shows for a reference: the name where there is one, else the URL as typed. */
export function displayName(text: string): string {
  const registry = REGISTRY.exec(text)?.[1]
  return registry ?? text.replace(/^urn:buildpack:/, '')
}

/** Spelling differences that do not matter: case, `.git`, a slash at the end, the URN prefix. */
function canonicalName(text: string): string {
  return displayName(text.trim())
    .toLowerCase()
    .replace(/#(?:main|master)$/, '')
    .replace(/^git:\/\//, 'https://')
    .replace(/\/$/, '')
    .replace(/\.git$/, '')
}

/** Where Heroku's CLI says that buildpacks with a name lie. */
const REGISTRY =
  /^https:\/\/(?:buildpack-registry\.s3\.amazonaws\.com|[\w.-]*codon[\w.-]*)\/buildpacks\/([\w.-]+\/[\w.-]+)\.tgz$/

function unknownBuildpack(text: string, known: readonly BuiltIn[]) {
  const names = known.map((one) => one.name).join(', ')
  return problem('invalid_params', `There is no buildpack called ${text.slice(0, 200)}.`, {
    hint: `Use one of ${names}, or give the https:// URL of a git repository or .tgz file.`,
  })
}
